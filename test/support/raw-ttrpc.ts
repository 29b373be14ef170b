import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Request, Response } from '../../protos/gen/containerd/ttrpc/ttrpc.js';
import { ForwardRequest } from '../../protos/gen/containerd/services/events/v1/events.js';
import type { Envelope } from '../../protos/gen/containerd/types/event.js';

const HEADER_BYTES = 10;

export const EVENTS = 'containerd.services.events.ttrpc.v1.Events';

/** A frame with its header; `type` 1 is a request. */
export function frame(stream: number, data: Uint8Array, type = 1): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(data.length, 0);
  header.writeUInt32BE(stream, 4);
  header[8] = type;
  return Buffer.concat([header, data]);
}

/** A request frame; by default a Forward. */
export function request(stream: number, payload: Uint8Array, names: Partial<Request> = {}): Buffer {
  const fields = { service: EVENTS, method: 'Forward', payload: Buffer.from(payload), ...names };
  return frame(stream, Request.encode(Request.fromPartial(fields)).finish());
}

export function forward(stream: number, envelope: Envelope | undefined): Buffer {
  return request(stream, ForwardRequest.encode({ envelope }).finish());
}

export interface Answer {
  readonly stream: number;
  readonly type: number;
  /** 0 without a status. */
  readonly code: number;
  readonly message: string;
  /** Length of the whole response. */
  readonly length: number;
}

/** A ttrpc connection that sends and receives bytes. */
export class RawTtrpc {
  #received = Buffer.alloc(0);

  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
    });
  }

  static async open(path: string): Promise<RawTtrpc> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new RawTtrpc(socket);
  }

  send(...frames: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** Resolves with the next answers, in the order in which they came. */
  async answers(count: number): Promise<Answer[]> {
    const answers: Answer[] = [];
    while (answers.length < count) {
      const answer = this.#next();
      if (answer !== undefined) answers.push(answer);
      else await once(this.socket, 'data');
    }
    return answers;
  }

  /** Resolves with the answer to one request. */
  async call(bytes: Uint8Array): Promise<Answer> {
    this.send(bytes);
    return (await this.answers(1))[0]!;
  }

  #next(): Answer | undefined {
    const bytes = this.#received;
    if (bytes.length < HEADER_BYTES) return undefined;
    const length = bytes.readUInt32BE(0);
    const end = HEADER_BYTES + length;
    if (bytes.length < end) return undefined;
    this.#received = bytes.subarray(end);
    const { status } = Response.decode(bytes.subarray(HEADER_BYTES, end));
    const { code, message } = status ?? { code: 0, message: '' };
    return { stream: bytes.readUInt32BE(4), type: bytes[8]!, code, message, length };
  }
}
