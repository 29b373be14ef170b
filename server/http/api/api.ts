import type { Clock } from '../../../protocol/clock.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import type { Broker } from '../../broker/broker.js';
import type { Recorders } from '../../recorders/recorders.js';
import type { FilterCompiler } from '../../services/filters.js';
import type { ServerIdentity } from '../../services/history/describe-response.js';

/** Everything that the routes of the HTTP API need. */
export interface HttpApi {
  readonly broker: Broker;
  readonly recorders: Recorders;
  readonly types: PayloadTypes;
  readonly compiler: FilterCompiler;
  readonly identity: ServerIdentity;
  readonly clock: Clock;
}
