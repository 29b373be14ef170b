import type { Broker } from '../../broker/broker.js';
import type { Method } from '../service.js';
import { forwardMethod, publishMethod } from './publish.js';
import { subscribeMethod } from './subscribe.js';

/** containerd.services.events.v1.Events over the broker. Payloads are opaque bytes. */
export function eventsService(broker: Broker): readonly Method[] {
  return [publishMethod(broker), forwardMethod(broker), subscribeMethod(broker)];
}
