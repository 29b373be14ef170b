import type { Cleanup } from '../../test/support/processes/cleanup.js';
import type { BrokerLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import type { LineageKeeper } from './lineage-keeper.js';
import type { StoreFault } from './schedule.js';

/** One history and the brokers over it. */
export interface Deployment {
  /** Where clients reach it; any of them will do. */
  readonly addresses: readonly string[];
  readonly brokers: readonly BrokerUnderTest[];
  /** Makes the history and starts the brokers. */
  start(): Promise<void>;
  /** Resolves when everything runs again. @throws Error for a fault that it does not know. */
  inject(fault: StoreFault): Promise<void>;
  /** Ends everything in good order, and records what the history holds. */
  finish(): Promise<void>;
}

/** What a deployment is made of, wherever its history is kept. */
export interface DeploymentParts {
  /** Flags of `foghorn serve`. */
  readonly flags: readonly string[];
  readonly lineages: LineageKeeper;
  readonly record: RecordWriter<BrokerLine>;
  /** Ends what it has started, and removes what it has left. */
  readonly cleanup: Cleanup;
}
