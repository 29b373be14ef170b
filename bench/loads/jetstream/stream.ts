export const JETSTREAM_NAME = 'events';
export const JETSTREAM_SUBJECT = 'tasks.create';
