import { FoghornError } from '../../../protocol/errors.js';
import {
  decodeForwardRequest,
  type RequestedEnvelope,
} from '../../../protocol/wire/event-requests.js';
import type { Broker } from '../../broker/broker.js';
import { inCallTrace } from '../../broker/event-trace.js';
import type { BatchMethod } from '../service.js';
import { withContainerdText } from './containerd-text.js';

/** Takes forwarded events that must reach containerd, too. */
export interface ForwardRelay {
  /**
   * Resolves once the events survive a crash of this process.
   *
   * @param requests encoded ForwardRequests, in order
   */
  add(requests: readonly Buffer[]): Promise<void>;
}

interface EncodedForward {
  readonly envelope: RequestedEnvelope | undefined;
  readonly encoded: Buffer;
}

const EMPTY = new Uint8Array(0);

/**
 * containerd.services.events.ttrpc.v1.Events/Forward, by which shims publish.
 *
 * @param relay takes what was stored; undefined where containerd needs no copy
 */
export function ttrpcForwardMethod(
  broker: Broker,
  relay: ForwardRelay | undefined,
): BatchMethod<EncodedForward> {
  return {
    path: '/containerd.services.events.ttrpc.v1.Events/Forward',
    decode(encoded, trace) {
      const { envelope } = decodeForwardRequest(encoded);
      return { envelope: envelope && inCallTrace(envelope, trace), encoded };
    },
    async handleAll(requests, caller) {
      const { results } = await broker.append(
        caller,
        requests.map(({ envelope }) => ({ kind: 'forward', envelope })),
      );
      // A duplicate may be a retry after a crash between the two steps, so it is relayed, too.
      const stored = requests.filter((_, index) => !(results[index] instanceof FoghornError));
      await relay?.add(stored.map(({ encoded }) => encoded));
      return results.map((result) =>
        result instanceof FoghornError ? withContainerdText(result) : EMPTY,
      );
    },
  };
}
