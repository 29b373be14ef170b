/**
 * Of the payload of every event that is sent anywhere, whatever sends it: about what a TaskCreate
 * of dockerd has.
 */
export const EVENT_BYTES = 300;
