import { Client, credentials, Metadata, type CallOptions, type ServiceError } from '@grpc/grpc-js';
import {
  AppendResponse,
  DescribeRequest,
  DescribeResponse,
  ReadRequest,
  ReadResponse,
  WaitRequest,
  WaitResponse,
} from '../../protos/gen/foghorn/v1/history.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import {
  ForwardRequest,
  PublishRequest,
  SubscribeRequest,
} from '../../protos/gen/containerd/services/events/v1/events.js';
import type { Envelope } from '../../protos/gen/containerd/types/event.js';
import { AppendProbe } from './append-probe.js';
import { StreamProbe } from './stream-probe.js';

const EVENTS = '/containerd.services.events.v1.Events';
const HISTORY = '/foghorn.v1.History';

const OPTIONS = {
  // The same limits as containerd's Go client.
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
  'grpc.max_send_message_length': -1,
  // Each client has its own connection.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
  'grpc.initial_reconnect_backoff_ms': 50,
} as const;

export type Headers = Readonly<Record<string, string | readonly string[]>>;

const asIs = (bytes: Buffer): Buffer => bytes;

/** A client of the broker's API that works with the bytes on the wire. */
export class TestClient {
  readonly #client: Client;

  constructor(address: string, channel = credentials.createInsecure()) {
    this.#client = new Client(address, channel, OPTIONS);
  }

  /** Rejects with a ServiceError of grpc-js, as all calls do. */
  async publish(
    topic: string,
    event: Any | undefined,
    headers: Headers = { 'containerd-namespace': 'default' },
  ): Promise<void> {
    const request = PublishRequest.encode({ topic, event }).finish();
    await this.call(`${EVENTS}/Publish`, request, headers);
  }

  async forward(envelope: Envelope | undefined, headers: Headers = {}): Promise<void> {
    await this.forwardBytes(ForwardRequest.encode({ envelope }).finish(), headers);
  }

  /** Sends an encoded ForwardRequest, or any bytes in its place. */
  async forwardBytes(request: Uint8Array, headers: Headers = {}): Promise<void> {
    await this.call(`${EVENTS}/Forward`, request, headers);
  }

  subscribe(
    filters: string[] = [],
    headers: Headers = {},
    options?: CallOptions,
  ): StreamProbe<Buffer> {
    const request = SubscribeRequest.encode({ filters }).finish();
    return this.stream(`${EVENTS}/Subscribe`, request, asIs, headers, options);
  }

  read(request: Partial<ReadRequest> = {}): StreamProbe<ReadResponse> {
    const bytes = ReadRequest.encode(ReadRequest.fromPartial(request)).finish();
    const decode = (response: Buffer): ReadResponse => ReadResponse.decode(response);
    return this.stream(`${HISTORY}/Read`, bytes, decode);
  }

  /** Opens an Append stream; a header may set the namespace of publications that name none. */
  append(headers: Headers = {}): AppendProbe {
    return this.duplex(`${HISTORY}/Append`, headers);
  }

  /** Opens any call with streams both ways. */
  duplex(path: string, headers: Headers = {}): AppendProbe {
    const decode = (response: Buffer): AppendResponse => AppendResponse.decode(response);
    const metadata = metadataOf(headers);
    return new AppendProbe(this.#client.makeBidiStreamRequest(path, asIs, decode, metadata));
  }

  /** Waits for an exit; the signal cancels the call. */
  async wait(
    request: Partial<WaitRequest>,
    options: CallOptions & { readonly signal?: AbortSignal } = {},
  ): Promise<WaitResponse> {
    const bytes = WaitRequest.encode(WaitRequest.fromPartial(request)).finish();
    return WaitResponse.decode(await this.call(`${HISTORY}/Wait`, bytes, {}, options));
  }

  async describe(): Promise<DescribeResponse> {
    const request = DescribeRequest.encode({}).finish();
    return DescribeResponse.decode(await this.call(`${HISTORY}/Describe`, request));
  }

  /** Makes any unary call. */
  call(
    path: string,
    request: Uint8Array,
    headers: Headers = {},
    { signal, ...options }: CallOptions & { readonly signal?: AbortSignal } = {},
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response: Buffer | undefined): void => {
        if (error === null) resolve(response!);
        else reject(error);
      };
      const bytes = Buffer.from(request);
      const metadata = metadataOf(headers);
      const call = this.#client.makeUnaryRequest(path, asIs, asIs, bytes, metadata, options, done);
      signal?.addEventListener('abort', () => {
        call.cancel();
      });
    });
  }

  /** Makes any call with a stream of responses. */
  stream<Message>(
    path: string,
    request: Uint8Array,
    decode: (bytes: Buffer) => Message,
    headers: Headers = {},
    options: CallOptions = {},
  ): StreamProbe<Message> {
    const bytes = Buffer.from(request);
    const metadata = metadataOf(headers);
    return new StreamProbe(
      this.#client.makeServerStreamRequest(path, asIs, decode, bytes, metadata, options),
    );
  }

  close(): void {
    this.#client.close();
  }
}

function metadataOf(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [key, values] of Object.entries(headers)) {
    for (const value of [values].flat()) metadata.add(key, value);
  }
  return metadata;
}
