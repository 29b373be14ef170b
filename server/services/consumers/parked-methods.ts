import {
  ConsumersService,
  ListParkedRequest,
  ListParkedResponse,
  RemoveParkedRequest,
  RemoveParkedResponse,
  ReplayParkedRequest,
  ReplayParkedResponse,
} from '../../../protos/gen/foghorn/v1/consumers.js';
import type { ParkedEvent } from '../../consumers/consumer-store.js';
import type { DurableConsumers } from '../../consumers/durable-consumers.js';
import { GeneratedSource } from '../generated-source.js';
import type { Method, ServerStreamMethod, UnaryMethod } from '../service.js';
import { parkedMessage } from './consumer-message.js';

/** The methods about parked events. */
export function parkedMethods(consumers: DurableConsumers): readonly Method[] {
  const list: ServerStreamMethod<ListParkedRequest, ParkedEvent> = {
    kind: 'server stream',
    path: ConsumersService.listParked.path,
    decode: (bytes) => ListParkedRequest.decode(bytes),
    async open({ name }, { caller }) {
      await consumers.get(caller, name);
      return new GeneratedSource(consumers.parked(caller, name));
    },
    encode: (event) => [ListParkedResponse.encode(parkedMessage(event)).finish()],
  };
  const replay: UnaryMethod<ReplayParkedRequest, ReplayParkedResponse> = {
    kind: 'unary',
    path: ConsumersService.replayParked.path,
    decode: (bytes) => ReplayParkedRequest.decode(bytes),
    handle: async ({ name, numbers }, { caller }) => ({
      replayed: BigInt(await consumers.replay(caller, name, wanted(numbers))),
    }),
    encode: (response) => ReplayParkedResponse.encode(response).finish(),
  };
  const remove: UnaryMethod<RemoveParkedRequest, RemoveParkedResponse> = {
    kind: 'unary',
    path: ConsumersService.removeParked.path,
    decode: (bytes) => RemoveParkedRequest.decode(bytes),
    handle: async ({ name, numbers }, { caller }) => ({
      removed: BigInt(await consumers.discard(caller, name, wanted(numbers))),
    }),
    encode: (response) => RemoveParkedResponse.encode(response).finish(),
  };
  return [list, replay, remove];
}

/** The numbers of a request; undefined for all. */
function wanted(numbers: readonly bigint[]): number[] | undefined {
  return numbers.length === 0 ? undefined : numbers.map(Number);
}
