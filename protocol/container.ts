/**
 * The state of a container. `lost`: whether its newest run goes on, or how it ended, cannot be
 * known.
 */
export type LifecycleState = 'created' | 'running' | 'paused' | 'exited' | 'lost' | 'removed';

/** A container at a moment. Times are nanoseconds since the Unix epoch. */
export interface Container {
  /** The containerd namespace. */
  readonly namespace: string;
  /** The full id. */
  readonly id: string;
  /** The name that its engine, nerdctl or Kubernetes has given to it; otherwise the id. */
  readonly name: string;
  /** The image, as it was named when the container was created; empty if it was not reported. */
  readonly image: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly state: LifecycleState;
  /** Undefined if it was not reported. */
  readonly createdAt: bigint | undefined;
  /** Undefined while the container exists. */
  readonly removedAt: bigint | undefined;
  /** Its newest run at the moment; undefined if none has begun. */
  readonly run: ContainerRun | undefined;
}

/** One start-to-exit of a container. Times are nanoseconds since the Unix epoch. */
export interface ContainerRun {
  /** 0 if it was not reported. */
  readonly pid: number;
  /** Undefined if it was not reported, as for a run from before the first entry kept. */
  readonly startedAt: bigint | undefined;
  /** Undefined while the run goes on, and if it is not known. */
  readonly finishedAt: bigint | undefined;
  /** As it was reported; undefined while the run goes on, and if it cannot be known. */
  readonly exitCode: number | undefined;
  /** Why the end cannot be known; empty if it can, or has not come. */
  readonly lostReason: string;
  /** When a run whose end cannot be known was last known to go on. */
  readonly lastSeen: bigint | undefined;
  /** The container could not be started. */
  readonly failedToStart: boolean;
  /** A process was killed because the container's memory was used up. */
  readonly oom: boolean;
  /** Cursor of the entry that reported the end; empty if none did. */
  readonly cursor: string;
}

/** A run and its container, as that is now. */
export interface RunOfContainer {
  readonly container: Omit<Container, 'run'>;
  readonly run: ContainerRun;
}

/** Whether a run has failed: it did not start, its end is lost, or its exit code is not 0. */
export function hasFailed({ exitCode, failedToStart, lostReason }: ContainerRun): boolean {
  return failedToStart || lostReason !== '' || (exitCode !== undefined && exitCode !== 0);
}
