import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { codeOfGrpcStatus, FoghornError } from '../../protocol/errors.js';
import { Request, Response } from '../../protos/gen/containerd/ttrpc/ttrpc.js';
import { requestFrame } from '../ttrpc/frame.js';
import { TtrpcFrameReader } from '../ttrpc/frame-reader.js';

const NANOS_PER_MS = 1_000_000n;

/** One connection to containerd's ttrpc, with one request at a time. */
export class ContainerdClient {
  /** Streams of clients have odd numbers. */
  #stream = -1;
  #onResponse: (response: Buffer) => void = () => {};

  private constructor(
    private readonly socket: Socket,
    private readonly closed: Promise<never>,
  ) {
    const frames = new TtrpcFrameReader({
      onFrame: ({ stream }, data) => {
        if (stream === this.#stream) this.#onResponse(data);
      },
      onOversized: () => socket.destroy(),
    });
    socket.on('data', (bytes: Buffer) => {
      frames.push(bytes);
    });
  }

  /** Rejects where nothing listens. */
  static async connect(path: string): Promise<ContainerdClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    const closed = new Promise<never>((_, reject) => {
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('containerd closed the connection'));
      });
    });
    // A connection may also end between two requests.
    closed.catch(() => {});
    return new ContainerdClient(socket, closed);
  }

  /**
   * Forwards an event. Rejects with a FoghornError that is not retryable where containerd refuses
   * it, and with another error where containerd cannot be reached or does not answer in time.
   *
   * @param request an encoded ForwardRequest
   */
  async forward(request: Buffer, timeoutMs: number): Promise<void> {
    const response = new Promise<Buffer>((resolve) => (this.#onResponse = resolve));
    this.#stream += 2;
    this.socket.write(requestFrame(this.#stream, encodeRequest(request, timeoutMs)));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${timeoutMs / 1000} s`));
      }, timeoutMs);
    });
    try {
      throwRefusal(Response.decode(await Promise.race([response, this.closed, late])));
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

function encodeRequest(payload: Buffer, timeoutMs: number): Uint8Array {
  return Request.encode({
    service: 'containerd.services.events.ttrpc.v1.Events',
    method: 'Forward',
    payload,
    timeoutNano: BigInt(timeoutMs) * NANOS_PER_MS,
    metadata: [],
  }).finish();
}

function throwRefusal({ status }: Response): void {
  if (status === undefined || status.code === 0) return;
  throw new FoghornError(codeOfGrpcStatus(status.code), status.message);
}
