/** Topic of entries that stand for events that no recorder has stored. */
export const RECORDER_TOPIC = '/foghorn/recorder';

/** Namespace of such entries about a whole containerd, so that any namespace may miss events. */
export const WHOLE_DAEMON_NAMESPACE = 'foghorn';

/** Topic of entries with containerd's description of a container. */
export const CONTAINERD_CONTAINER_TOPIC = '/foghorn/containerd-container';

/** Topic of entries with what a recorder observed of a run whose events were missed. */
export const OBSERVED_RUN_TOPIC = '/foghorn/observed-run';

/** Topic of entries with what a recorder observed of an exec whose end was not reported. */
export const OBSERVED_EXEC_TOPIC = '/foghorn/observed-exec';
