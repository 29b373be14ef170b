/** Payload size of every event in every row: about that of dockerd's TaskCreate. */
export const EVENT_BYTES = 300;
