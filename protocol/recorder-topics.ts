/** Topic of entries that stand for events that no recorder has stored. */
export const RECORDER_TOPIC = '/foghorn/recorder';

/** Topic of entries with containerd's description of a container. */
export const CONTAINERD_CONTAINER_TOPIC = '/foghorn/containerd-container';
