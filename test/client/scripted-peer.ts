import { Server, ServerCredentials } from '@grpc/grpc-js';
import type {
  sendUnaryData,
  ServerDuplexStream,
  ServerUnaryCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { HistoryService } from '../../protos/gen/foghorn/v1/history.js';
import type {
  AppendRequest,
  AppendResponse,
  AppendResult,
  NewEvent,
  WaitRequest,
  WaitResponse,
} from '../../protos/gen/foghorn/v1/history.js';
import { EventsService } from '../../protos/gen/containerd/services/events/v1/events.js';

export type AppendCall = ServerDuplexStream<AppendRequest, AppendResponse>;
export type WaitCall = ServerUnaryCall<WaitRequest, WaitResponse>;
export type WaitAnswer = sendUnaryData<WaitResponse>;

/** A gRPC server with just these methods, for moments that a real broker cannot be made to hit. */
export class ScriptedPeer {
  #server: Server | undefined;

  constructor(
    private readonly socket: string,
    private readonly history: UntypedServiceImplementation,
    private readonly events: UntypedServiceImplementation = {},
  ) {}

  get address(): string {
    return `unix://${this.socket}`;
  }

  async start(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 16 * 1024 * 1024 });
    // A method that is not given is answered with UNIMPLEMENTED.
    if (Object.keys(this.history).length > 0) server.addService(HistoryService, this.history);
    if (Object.keys(this.events).length > 0) server.addService(EventsService, this.events);
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(this.address, ServerCredentials.createInsecure(), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    this.#server = server;
  }

  /** Cuts every connection at once. */
  kill(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }
}

/** The answer that an event is stored, with its topic as the cursor. */
export function appended(event: NewEvent): AppendResult {
  const cursor = topicOf(event);
  return { result: { $case: 'appended', value: { cursor, duplicate: false } } };
}

export function refused(code: number, message: string): AppendResult {
  return { result: { $case: 'error', value: { code, message } } };
}

export function topicOf({ event }: NewEvent): string {
  return event?.value.topic ?? '';
}
