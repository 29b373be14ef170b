import {
  ConsumersCreateRequest,
  ConsumersCreateResponse,
  ConsumersDeleteRequest,
  ConsumersDeleteResponse,
  ConsumersGetRequest,
  ConsumersGetResponse,
  ConsumersListRequest,
  ConsumersListResponse,
  ConsumersResetRequest,
  ConsumersResetResponse,
  ConsumersService,
  ConsumersUpdateRequest,
  ConsumersUpdateResponse,
  type Consumer,
  type ConsumerStart,
} from '../../../protos/gen/foghorn/v1/consumers.js';
import { FoghornError } from '../../../protocol/errors.js';
import type { Caller } from '../../access/caller.js';
import type { Broker } from '../../broker/broker.js';
import { parseCursor } from '../../events/cursor.js';
import { checkIdentifier } from '../../events/names.js';
import type { Floor } from '../../consumers/consumer-store.js';
import type { DurableConsumers, KnownConsumer } from '../../consumers/durable-consumers.js';
import type { BidiStreamMethod, Call, Method, UnaryMethod } from '../service.js';
import { ConsumeStream, decodeMemberRequest, type MemberRequest } from './consume-stream.js';
import { consumerMessage } from './consumer-message.js';
import { parkedMethods } from './parked-methods.js';
import { settingsOf, startOf } from './settings.js';

/** Longest reason of a pause, in UTF-16 units. */
const MAX_REASON = 1000;

/** foghorn.v1.Consumers over the consumers of a broker. */
export function consumersService(broker: Broker, consumers: DurableConsumers): readonly Method[] {
  const calls = new ConsumerCalls(broker, consumers);
  return [
    unary('create', ConsumersCreateRequest, ConsumersCreateResponse, (request, { caller }) =>
      calls.create(caller, request),
    ),
    unary('get', ConsumersGetRequest, ConsumersGetResponse, ({ name }, { caller }) =>
      calls.get(caller, name),
    ),
    unary('list', ConsumersListRequest, ConsumersListResponse, (_, { caller }) =>
      calls.list(caller),
    ),
    unary('update', ConsumersUpdateRequest, ConsumersUpdateResponse, (request, { caller }) =>
      calls.update(caller, request),
    ),
    unary('delete', ConsumersDeleteRequest, ConsumersDeleteResponse, ({ name }, { caller }) =>
      calls.remove(caller, name),
    ),
    unary('reset', ConsumersResetRequest, ConsumersResetResponse, (request, { caller }) =>
      calls.reset(caller, request),
    ),
    consumeMethod(consumers),
    ...parkedMethods(consumers),
  ];
}

/** The generated code of a message. */
interface Message<Value> {
  decode(bytes: Uint8Array): Value;
  encode(value: Value): { finish(): Uint8Array };
}

function unary<Request, Response>(
  name: 'create' | 'get' | 'list' | 'update' | 'delete' | 'reset',
  request: Message<Request>,
  response: Message<Response>,
  handle: (request: Request, call: Call) => Promise<Response>,
): Method {
  const method: UnaryMethod<Request, Response> = {
    kind: 'unary',
    path: ConsumersService[name].path,
    decode: (bytes) => request.decode(bytes),
    handle,
    encode: (value) => response.encode(value).finish(),
  };
  return method;
}

function consumeMethod(consumers: DurableConsumers): Method {
  const method: BidiStreamMethod<MemberRequest> = {
    kind: 'bidi stream',
    path: ConsumersService.consume.path,
    decode: decodeMemberRequest,
    open: (call, responses) => new ConsumeStream(call, responses, consumers),
  };
  return method;
}

/** The calls that describe and change consumers. */
class ConsumerCalls {
  constructor(
    private readonly broker: Broker,
    private readonly consumers: DurableConsumers,
  ) {}

  async create(caller: Caller, request: ConsumersCreateRequest): Promise<ConsumersCreateResponse> {
    const { name } = request;
    checkIdentifier(name, 'consumer name: ');
    const settings = settingsOf(request.settings);
    const floor = await this.#floorAt(request.start);
    return this.#described(await this.consumers.create(caller, { name, settings, floor }));
  }

  async get(caller: Caller, name: string): Promise<ConsumersGetResponse> {
    return this.#described(await this.consumers.get(caller, name));
  }

  async list(caller: Caller): Promise<ConsumersListResponse> {
    const known = await this.consumers.list(caller);
    const newest = parseCursor((await this.broker.positionOf({ kind: 'now' })).cursor);
    const history = { epoch: newest.epoch, last: newest.offset };
    return { consumers: known.map((each) => consumerMessage(each, history)) };
  }

  async update(caller: Caller, request: ConsumersUpdateRequest): Promise<ConsumersUpdateResponse> {
    const { name, settings, paused } = request;
    if (paused !== undefined && paused.length > MAX_REASON) {
      throw new FoghornError(
        'INVALID_ARGUMENT',
        `paused: expected at most ${MAX_REASON} characters`,
      );
    }
    const changes = {
      ...(settings !== undefined && { settings: settingsOf(settings) }),
      ...(paused !== undefined && { paused }),
    };
    return this.#described(await this.consumers.update(caller, name, changes));
  }

  async remove(caller: Caller, name: string): Promise<ConsumersDeleteResponse> {
    await this.consumers.remove(caller, name);
    return {};
  }

  async reset(
    caller: Caller,
    { name, start }: ConsumersResetRequest,
  ): Promise<ConsumersResetResponse> {
    const floor = await this.#floorAt(start);
    return this.#described(await this.consumers.reset(caller, name, floor));
  }

  /** Rejects with INVALID_ARGUMENT for a malformed cursor, OUT_OF_RANGE for one that is gone. */
  async #floorAt(start: ConsumerStart | undefined): Promise<Floor> {
    const { cursor } = await this.broker.positionOf(startOf(start));
    return parseCursor(cursor);
  }

  async #described(known: KnownConsumer): Promise<{ consumer: Consumer }> {
    const newest = parseCursor((await this.broker.positionOf({ kind: 'now' })).cursor);
    return { consumer: consumerMessage(known, { epoch: newest.epoch, last: newest.offset }) };
  }
}
