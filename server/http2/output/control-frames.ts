import { FLAG, FRAME_HEADER_BYTES, FRAME_TYPE } from '../protocol.js';
import { frameHeader, putUint32, type OutputBuffer } from './output-buffer.js';

const PING_BYTES = 8;
const NOTHING = new Uint8Array();

/** Has a connection flushed in this iteration of the event loop. */
export interface Scheduler {
  schedule(): void;
}

/** Frames that are about the connection or end a stream. They are sent before all others. */
export class ControlFrames {
  /** Bytes that wait to be sent. */
  bytes = 0;
  #frames: Uint8Array[] = [];

  constructor(private readonly scheduler: Scheduler) {}

  settings(payload: Uint8Array): void {
    this.#add(FRAME_TYPE.SETTINGS, 0, 0, payload);
  }

  acknowledgeSettings(): void {
    this.#add(FRAME_TYPE.SETTINGS, FLAG.ACK, 0, NOTHING);
  }

  ping(payload: Uint8Array): void {
    this.#add(FRAME_TYPE.PING, 0, 0, payload);
  }

  acknowledgePing(bytes: Uint8Array, begin: number): void {
    this.#add(FRAME_TYPE.PING, FLAG.ACK, 0, bytes.subarray(begin, begin + PING_BYTES));
  }

  resetStream(streamId: number, code: number): void {
    putUint32(this.#reserve(FRAME_TYPE.RST_STREAM, 0, streamId, 4), FRAME_HEADER_BYTES, code);
  }

  /** @param streamId 0 for the window of the connection */
  windowUpdate(streamId: number, increment: number): void {
    const frame = this.#reserve(FRAME_TYPE.WINDOW_UPDATE, 0, streamId, 4);
    putUint32(frame, FRAME_HEADER_BYTES, increment);
  }

  goAway(lastStreamId: number, code: number, debugText: string): void {
    const text = Buffer.from(debugText, 'latin1');
    const frame = this.#reserve(FRAME_TYPE.GOAWAY, 0, 0, 8 + text.length);
    const at = putUint32(frame, FRAME_HEADER_BYTES, lastStreamId);
    frame.set(text, putUint32(frame, at, code));
  }

  /** Writes all that wait. */
  writeTo(output: OutputBuffer): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    this.bytes = 0;
    for (const frame of frames) {
      output.reserve();
      output.bytes.set(frame, output.at);
      output.at += frame.length;
    }
  }

  #add(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    this.#reserve(type, flags, streamId, payload.length).set(payload, FRAME_HEADER_BYTES);
  }

  /** Queues a frame whose payload the caller writes. */
  #reserve(type: number, flags: number, streamId: number, length: number): Uint8Array {
    const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
    frameHeader(frame, 0, length, type, flags, streamId);
    this.#frames.push(frame);
    this.bytes += frame.length;
    this.scheduler.schedule();
    return frame;
  }
}
