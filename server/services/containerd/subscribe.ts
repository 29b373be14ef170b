import { decodeSubscribeRequest } from '../../../protocol/wire/event-requests.js';
import {
  EventsService,
  type SubscribeRequest,
} from '../../../protos/gen/containerd/services/events/v1/events.js';
import type { Broker } from '../../broker/broker.js';
import type { SubscriptionMessage } from '../../broker/subscription-message.js';
import { gapError } from '../../../protocol/gaps.js';
import { entriesWithin } from '../entries-within.js';
import { FilterCompiler } from '../filters.js';
import type { ServerStreamMethod } from '../service.js';
import { readMetadata } from './subscribe-metadata.js';

export function subscribeMethod(
  broker: Broker,
): ServerStreamMethod<SubscribeRequest, SubscriptionMessage<{ readonly wire: Uint8Array }>> {
  const compiler = new FilterCompiler(broker.schedule);
  return {
    kind: 'server stream',
    path: EventsService.subscribe.path,
    decode: decodeSubscribeRequest,
    async open(request, call) {
      const filter = await compiler.compile(request.filters);
      const { start, until, maxBytes } = readMetadata(call);
      const subscription = await broker.subscribe(call.caller, {
        filter,
        scope: undefined,
        start,
        until,
        stopWhenCaughtUp: false,
        limit: Infinity,
        onGap: 'fail',
      });
      return entriesWithin(maxBytes, subscription, (view) => view);
    },
    /** containerd's API has no message but events. */
    encode: (message) => {
      if (message.kind === 'entries') return message.entries.map(({ wire }) => wire);
      // An end without an error would have the client resume before the damage for ever.
      if (message.kind === 'gap' && message.reason === 'damaged') throw gapError(message);
      return [];
    },
  };
}
