export * from './containerd-types.js';
export * from './image-types.js';
export * from './recorded-types.js';
