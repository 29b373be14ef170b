import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ForwardRequest } from '../../../protos/gen/containerd/services/events/v1/events.js';
import { Request } from '../../../protos/gen/containerd/ttrpc/ttrpc.js';
import { requestFrame } from '../../../server/ttrpc/frame.js';
import { TtrpcFrameReader } from '../../../server/ttrpc/frame-reader.js';
import { payloadOf } from '../payload.js';

/** The smallest number of nanoseconds that takes four bytes; larger ones follow. */
const FIRST_NANOS = 2 ** 21;
/** Field `nanos` of the timestamp with that number. */
const NANOS_FIELD = Buffer.from([0x10, 0x80, 0x80, 0x80, 0x01]);
const STREAM_AT = 4;

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * A connection that forwards events, each with another time: equal ones would be duplicates. A
 * request is a copy of a template with a new stream and time, so that the client costs little.
 */
export class ForwardConnection {
  readonly #waiting = new Map<number, Waiting>();
  readonly #nanosAt: number;
  #stream = -1;
  #nanos = FIRST_NANOS;
  #unsent: Buffer[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly template: Buffer,
  ) {
    this.#nanosAt = template.indexOf(NANOS_FIELD) + 1;
    const frames = new TtrpcFrameReader({
      onFrame: ({ stream, length }) => {
        this.#answered(stream, length);
      },
      onOversized: ({ stream, length }) => {
        this.#answered(stream, length);
      },
    });
    socket.on('data', (bytes: Buffer) => {
      frames.push(bytes);
    });
  }

  /** @param bytes payload size of each event */
  static async open(path: string, bytes: number): Promise<ForwardConnection> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new ForwardConnection(socket, templateOf(bytes));
  }

  /** Resolves with the answer. Rejects unless the event was taken. */
  forward(): Promise<void> {
    const frame = Buffer.from(this.template);
    this.#stream += 2;
    frame.writeUInt32BE(this.#stream, STREAM_AT);
    writeFourByteNumber(frame, this.#nanosAt, this.#nanos++);
    if (this.#unsent.push(frame) === 1) {
      setImmediate(() => {
        this.#send();
      });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.set(this.#stream, { resolve, reject });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #send(): void {
    this.socket.write(Buffer.concat(this.#unsent));
    this.#unsent = [];
  }

  /** The answer to a request that succeeded is empty. */
  #answered(stream: number, length: number): void {
    const waiting = this.#waiting.get(stream);
    this.#waiting.delete(stream);
    if (length === 0) waiting?.resolve();
    else waiting?.reject(new Error('an event was refused'));
  }
}

function templateOf(bytes: number): Buffer {
  const timestamp = { seconds: BigInt(Math.floor(Date.now() / 1000)), nanos: FIRST_NANOS };
  const event = payloadOf(0, bytes);
  const envelope = { timestamp, namespace: 'default', topic: '/tasks/create', event };
  const payload = ForwardRequest.encode({ envelope }).finish();
  const request = Request.fromPartial({
    service: 'containerd.services.events.ttrpc.v1.Events',
    method: 'Forward',
    payload: Buffer.from(payload),
  });
  return requestFrame(1, Request.encode(request).finish());
}

/** Writes a number from 2^21 to 2^28 - 1 as a varint. */
function writeFourByteNumber(bytes: Buffer, at: number, value: number): void {
  bytes[at] = (value & 0x7f) | 0x80;
  bytes[at + 1] = ((value >>> 7) & 0x7f) | 0x80;
  bytes[at + 2] = ((value >>> 14) & 0x7f) | 0x80;
  bytes[at + 3] = value >>> 21;
}
