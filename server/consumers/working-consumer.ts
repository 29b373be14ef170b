import type { EncodedEntry } from '../../protocol/wire/read-response.js';
import type { Caller } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import type { ConsumerSnapshot, ConsumerStore, Floor } from './consumer-store.js';
import type { ConsumerMembers } from './members.js';
import type { PendingEvent, Schedule } from './schedule.js';

/** An event as members get it. */
export interface EventContent extends EncodedEntry {
  readonly cursor: string;
  /** ns since 1970. */
  readonly timestamp: bigint;
  /** The encoded containerd.types.Envelope. */
  readonly envelope: Uint8Array;
}

export type ConsumerEvent = PendingEvent<EventContent>;

/** The parts of a broker that its consumers use. */
export interface ConsumerSurroundings {
  readonly broker: Broker;
  readonly store: ConsumerStore;
  /** ms that only move forward. */
  readonly uptime: () => number;
  /** Reports a problem to the operator. */
  readonly warn: (text: string) => void;
}

/** The state of a consumer at this broker, which claims and answers change. */
export interface WorkingConsumer extends ConsumerSurroundings {
  /** The caller whose rights decide which events are wanted. */
  readonly caller: Caller;
  readonly schedule: Schedule<EventContent>;
  readonly members: ConsumerMembers;
  /** As it was read last from the store. */
  readonly snapshot: ConsumerSnapshot;
  /** Every wanted event up to this offset was read. */
  readonly consideredOffset: number;
  /** The floor, if it is worth storing with other changes. */
  floorToStore(): Floor | undefined;
  /** Reads more events if there is space. */
  readOn(): void;
  /** Called when leases have ended. */
  changed(): void;
  /** Called when the store has failed: members must attach again. */
  end(error: unknown): void;
}
