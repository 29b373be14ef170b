/** Durations and sizes that a Docker recorder works with; durations in milliseconds. */
export interface DockerRecorderTimings {
  /** An engine reports an event within this time, unless it never does. */
  readonly reportDelay: number;
  /** How long an end whose code the engine does not know waits for containerd's recorder. */
  readonly unknownEndDelay: number;
  /** Pause between two checks whether the engine may still report something. */
  readonly pollInterval: number;
  /** How long the engine has to wait for space in the queue before the recorder disconnects. */
  readonly spaceTimeout: number;
  /** How long a stopping recorder goes on with what needs the broker. */
  readonly shutdownGrace: number;
  /** How long the engine may take to describe a container; it may hang over one of them. */
  readonly answerTimeout: number;
  /**
   * Pause after which the start of the recording and the containers are stored again, so that
   * retention never removes the last of them.
   */
  readonly repeatInterval: number;
  /** Pause between two comparisons of the history with the engine. */
  readonly compareInterval: number;
  /** A difference counts if it is still there after this time. */
  readonly secondLookDelay: number;
  /**
   * Number of queued events: those that wait for the broker to say which ones it has. A reader that
   * does not take its events holds up every other reader of an engine, which then drops them, so
   * the queue is long.
   */
  readonly queueCapacity: number;
}

export const DOCKER_RECORDER_TIMINGS: DockerRecorderTimings = {
  reportDelay: 5000,
  unknownEndDelay: 500,
  pollInterval: 250,
  spaceTimeout: 1000,
  shutdownGrace: 1000,
  answerTimeout: 30_000,
  repeatInterval: 24 * 60 * 60 * 1000,
  compareInterval: 60_000,
  secondLookDelay: 2000,
  queueCapacity: 8192,
};
