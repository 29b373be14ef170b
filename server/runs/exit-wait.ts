import type { Broker } from '../broker/broker.js';
import type { ContainerKey } from '../events/filing.js';
import type { Recorders } from '../recorders/recorders.js';
import type { OpenWaits } from './open-waits.js';

/** The sources of answers about runs. */
export interface RunSource {
  readonly broker: Broker;
  readonly recorders: Recorders;
  readonly waits: OpenWaits;
}

/** An exit to wait for. */
export interface ExitWait<Condition = ExitCondition> {
  readonly key: ContainerKey;
  /** '' for the container's own process, otherwise an exec's id. */
  readonly process: string;
  readonly condition: Condition;
}

export type ExitCondition =
  | LocalCondition
  /** A run ends with an entry after this cursor, or from now on if it is empty. */
  | { readonly kind: 'next exit'; readonly after: string };

type LocalCondition =
  /** The newest run has ended. */
  | { readonly kind: 'not running' }
  /** The first run with this pid has ended. */
  | { readonly kind: 'pid'; readonly pid: number };

/** A condition whose cursor was found in the history. */
export type LocatedCondition =
  LocalCondition | { readonly kind: 'next exit'; readonly after: number };
