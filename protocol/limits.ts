/** Largest gRPC message, as containerd's server and its Go client allow. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * Largest envelope that a broker accepts. With its cursor and the framing of a batch it must fit
 * into a message: an event that cannot be delivered would stop every reader that comes to it.
 */
export const MAX_ENVELOPE_BYTES = MAX_MESSAGE_BYTES - 64;

/** Largest encoded foghorn.v1.NewEvent, so that a request with it fits into a message. */
export const MAX_EVENT_BYTES = MAX_MESSAGE_BYTES - 16;

/**
 * Longest topic. containerd has no limit, and its own topics have less than 30 bytes; without one,
 * checking a topic and quoting it in an error would block all other callers.
 */
export const MAX_TOPIC_BYTES = 1024 * 1024;

/** Longest text that an error quotes, in UTF-16 units; the rest is cut. */
export const MAX_QUOTED_LENGTH = 1024;

/** Longest text of a refusal: a status travels in a header, percent-encoded. */
export const MAX_DETAILS = 4096;

/** Largest number of values in the `filters` of one request of a Docker client. */
export const MAX_DOCKER_FILTER_VALUES = 4096;

/** Largest id of a process: proto fields have 32 bits for it. */
export const MAX_PID = 2 ** 32 - 1;
