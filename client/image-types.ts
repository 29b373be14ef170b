export { ImageCreate, ImageDelete, ImageUpdate } from '../protos/gen/events/image.js';
