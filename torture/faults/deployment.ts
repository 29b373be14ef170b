import type { Cleanup } from '../../test/support/processes/cleanup.js';
import type { BrokerLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import type { LineageKeeper } from './lineage-keeper.js';
import type { StoreFault } from './schedule.js';

/** A history and the brokers over it. */
export interface Deployment {
  /** Addresses of its brokers, all equivalent. */
  readonly addresses: readonly string[];
  readonly brokers: readonly BrokerUnderTest[];
  /** Creates the history and starts the brokers. */
  start(): Promise<void>;
  /**
   * Injects a fault; resolves when everything runs again.
   *
   * @throws Error for an unknown fault
   */
  inject(fault: StoreFault): Promise<void>;
  /** Stops everything with SIGTERM and records the contents of the history. */
  finish(): Promise<void>;
}

/** Parts of a deployment that do not depend on the store. */
export interface DeploymentParts {
  /** Further flags of `foghorn serve`. */
  readonly flags: readonly string[];
  readonly lineages: LineageKeeper;
  readonly record: RecordWriter<BrokerLine>;
  /** Stops its processes and removes its files. */
  readonly cleanup: Cleanup;
}
