export { ImageCreate, ImageDelete, ImageUpdate } from '../protos/gen/containerd/events/image.js';
