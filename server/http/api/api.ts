import type { Clock } from '../../../protocol/clock.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import type { DurableConsumers } from '../../consumers/durable-consumers.js';
import type { BrokerActivity } from '../../metrics/activity.js';
import type { RunSource } from '../../runs/exit-wait.js';
import type { FilterCompiler } from '../../services/filters.js';
import type { ServerIdentity } from '../../services/history/describe-response.js';

/** Everything that the routes of the HTTP API need. */
export interface HttpApi extends RunSource {
  readonly consumers: DurableConsumers;
  /** The speed and the space of the broker now. */
  readonly activity: () => Promise<BrokerActivity>;
  readonly types: PayloadTypes;
  readonly compiler: FilterCompiler;
  readonly identity: ServerIdentity;
  readonly clock: Clock;
}
