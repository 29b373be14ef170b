import { once } from 'node:events';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { HistoryService } from '../../protos/gen/foghorn/v1/history.js';
import type { Entry, ReadRequest, ReadResponse } from '../../protos/gen/foghorn/v1/history.js';

export type ReadCall = ServerWritableStream<ReadRequest, ReadResponse>;

/**
 * A gRPC server whose Read does what a test says, call by call: for moments that a real broker
 * cannot be made to hit.
 */
export class ScriptedBroker {
  readonly requests: ReadRequest[] = [];
  #server: Server | undefined;

  constructor(
    private readonly socket: string,
    private readonly scripts: ((call: ReadCall) => void)[],
  ) {}

  get address(): string {
    return `unix://${this.socket}`;
  }

  async start(): Promise<void> {
    const server = new Server();
    server.addService(HistoryService, {
      read: (call: ReadCall) => {
        this.requests.push(call.request);
        const script = this.scripts.shift();
        if (script) script(call);
        else call.destroy(new Error('the script is over'));
      },
      describe: () => {},
    });
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

/** A response with entries whose cursors are these, and whose topics are `/t/<cursor>`. */
export function entriesResponse(...cursors: string[]): ReadResponse {
  return {
    message: { $case: 'entries', value: { entries: entriesOf(cursors), keptExits: false } },
  };
}

/** The same, as exits that have outlasted the entries around them. */
export function keptExitsResponse(...cursors: string[]): ReadResponse {
  return { message: { $case: 'entries', value: { entries: entriesOf(cursors), keptExits: true } } };
}

function entriesOf(cursors: readonly string[]): Entry[] {
  return cursors.map((cursor) => ({
    timestamp: { seconds: 1n, nanos: 0 },
    namespace: 'default',
    topic: `/t/${cursor}`,
    event: undefined,
    cursor,
  }));
}

/** Resolves when the client has ended the call. */
export async function cancelled(call: ReadCall): Promise<void> {
  if (!call.cancelled) await once(call, 'cancelled');
}
