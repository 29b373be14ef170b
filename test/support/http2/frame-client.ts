import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ACK, END_HEADERS, END_STREAM, frame, ping, PREFACE, settings, TYPE } from './frames.js';
import { requestBlock, ResponseDecoder, type FieldPair } from './hpack.js';

const DEADLINE_MS = 10_000;
const POLL_MS = 2;

/** Resolves once the condition holds; rejects after some seconds, so that no test hangs. */
export async function within(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > deadline)
      throw new Error(`not within ${DEADLINE_MS} ms: ${String(condition)}`);
    await delay(POLL_MS);
  }
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** A client that sends exactly the bytes that it is given, and keeps the frames that it gets. */
export class FrameClient {
  readonly frames: Frame[] = [];
  readonly decoder = new ResponseDecoder();
  isClosed = false;
  #rest = Buffer.alloc(0);
  #pings = 0;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
    socket.on('data', (bytes: Buffer) => {
      this.#read(bytes);
    });
  }

  /** Connects without sending anything. */
  static async connect(path: string): Promise<FrameClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new FrameClient(socket);
  }

  /** Connects and sends the preface with empty or given SETTINGS. */
  static async open(path: string, first = settings()): Promise<FrameClient> {
    const client = await FrameClient.connect(path);
    client.send(PREFACE, first);
    return client;
  }

  send(...frames: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** Sends a request without a body; `END_STREAM` is set unless flags say otherwise. */
  request(streamId: number, path = '/', flags = END_HEADERS | END_STREAM): void {
    this.send(frame(TYPE.HEADERS, flags, streamId, requestBlock(path)));
  }

  of(type: number, streamId?: number): Frame[] {
    return this.frames.filter(
      (one) => one.type === type && (streamId === undefined || one.streamId === streamId),
    );
  }

  /** The server's first frame. */
  get settings(): Frame {
    return this.frames[0]!;
  }

  /** Code of the RST_STREAM of a stream. */
  resetOf(streamId: number): number | undefined {
    return this.of(TYPE.RST_STREAM, streamId)[0]?.payload.readUInt32BE();
  }

  /** Last stream and code of each GOAWAY. */
  get goAways(): { readonly lastStreamId: number; readonly code: number; readonly text: string }[] {
    return this.of(TYPE.GOAWAY).map(({ payload }) => ({
      lastStreamId: payload.readUInt32BE(0),
      code: payload.readUInt32BE(4),
      text: payload.toString('latin1', 8),
    }));
  }

  /** The response to a stream has ended. */
  isAnswered(streamId: number): boolean {
    return this.frames.some(
      ({ type, flags, streamId: id }) =>
        id === streamId &&
        (type === TYPE.HEADERS || type === TYPE.DATA) &&
        (flags & END_STREAM) !== 0,
    );
  }

  dataOf(streamId: number): Buffer {
    return Buffer.concat(this.of(TYPE.DATA, streamId).map(({ payload }) => payload));
  }

  /** Decodes all header blocks so far, in their order. */
  headerLists(): { readonly streamId: number; readonly fields: readonly FieldPair[] }[] {
    const lists: { streamId: number; fields: FieldPair[] }[] = [];
    let block: Buffer[] = [];
    for (const { type, flags, streamId, payload } of this.frames) {
      if (type !== TYPE.HEADERS && type !== TYPE.CONTINUATION) continue;
      block.push(payload);
      if ((flags & END_HEADERS) === 0) continue;
      lists.push({ streamId, fields: this.decoder.decode(Buffer.concat(block)) });
      block = [];
    }
    return lists;
  }

  /** Resolves when the server has handled all that was sent, or has closed the connection. */
  async settled(): Promise<void> {
    // An acknowledgement overtakes responses of its iteration, so that two are needed.
    for (let i = 0; i < 2; i++) {
      const payload = `set${String(this.#pings++).padStart(5, '0')}`;
      this.send(ping(payload));
      await within(
        () =>
          this.isClosed ||
          this.of(TYPE.PING).some(
            (one) => one.flags === ACK && one.payload.equals(Buffer.from(payload)),
          ),
      );
    }
  }

  async closed(): Promise<void> {
    await within(() => this.isClosed);
  }

  close(): void {
    this.socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (this.#rest.length - at >= 9) {
      const end = at + 9 + this.#rest.readUIntBE(at, 3);
      if (end > this.#rest.length) break;
      this.frames.push({
        type: this.#rest[at + 3]!,
        flags: this.#rest[at + 4]!,
        streamId: this.#rest.readUInt32BE(at + 5),
        payload: this.#rest.subarray(at + 9, end),
      });
      at = end;
    }
    this.#rest = this.#rest.subarray(at);
  }
}
