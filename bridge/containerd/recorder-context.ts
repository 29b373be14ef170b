import type { Client, Envelope } from '../../client/index.js';
import type { RecorderContext } from '../contracts.js';
import type { Following } from '../following.js';
import type { StoreQueue } from '../store-queue.js';
import type { ContainerDescriptions } from './container-descriptions.js';

export interface ContainerdRecorderParts extends RecorderContext {
  /** A client of the containerd that is recorded. */
  readonly source: Client;
  /** Address of containerd. */
  readonly from: string;
}

/** The state that the tasks of a containerd recorder share. */
export interface ContainerdRecorderContext extends ContainerdRecorderParts {
  readonly queue: StoreQueue;
  readonly descriptions: ContainerDescriptions;
  readonly following: Following;
  /** Called with each event that is taken over. */
  readonly onEvent: (envelope: Envelope) => void;
  /** Called with the time from which every event arrives, ns since 1970. */
  readonly onBegan: (time: bigint) => void;
}
