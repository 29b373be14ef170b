import { ConnectionError, frameSizeError, protocolError } from '../connection-error.js';
import { ERROR_CODE } from '../error-code.js';
import type { ClientConduct } from '../limits/client-conduct.js';
import type { ControlFrames } from '../output/control-frames.js';
import type { ResponseSender } from '../output/response-sender.js';
import { FLAG, FRAME_TYPE, MAX_STREAM_ID, MAX_WINDOW_SIZE } from '../protocol.js';
import type { Streams } from '../stream/streams.js';
import type { Drain } from './drain.js';
import type { FrameSink } from './frame-reader.js';
import type { HeaderBlockReader } from './header-block-reader.js';
import type { RequestReceiver } from './request-receiver.js';
import type { Settings } from './settings.js';

const PING_BYTES = 8;
const PRIORITY_BYTES = 5;

/** Parts of a connection that frames concern. */
export interface DispatchedParts {
  readonly settings: Settings;
  readonly blocks: HeaderBlockReader;
  readonly requests: RequestReceiver;
  readonly streams: Streams;
  readonly sender: ResponseSender;
  readonly control: ControlFrames;
  readonly conduct: ClientConduct;
  readonly drain: Drain;
}

/** Checks each frame for itself and hands it to the part that it concerns (RFC 9113, section 6). */
export class FrameDispatcher implements FrameSink {
  readonly #settings: Settings;
  readonly #blocks: HeaderBlockReader;
  readonly #requests: RequestReceiver;
  readonly #streams: Streams;
  readonly #sender: ResponseSender;
  readonly #control: ControlFrames;
  readonly #conduct: ClientConduct;
  readonly #drain: Drain;

  constructor(parts: DispatchedParts) {
    this.#settings = parts.settings;
    this.#blocks = parts.blocks;
    this.#requests = parts.requests;
    this.#streams = parts.streams;
    this.#sender = parts.sender;
    this.#control = parts.control;
    this.#conduct = parts.conduct;
    this.#drain = parts.drain;
  }

  onFrame(
    bytes: Buffer,
    begin: number,
    end: number,
    type: number,
    flags: number,
    streamId: number,
  ): void {
    if (this.#blocks.isWithinBlock && type !== FRAME_TYPE.CONTINUATION) {
      throw protocolError('expected CONTINUATION, because a header block is not complete');
    }
    if (!this.#settings.isReceived && type !== FRAME_TYPE.SETTINGS) {
      throw protocolError('expected SETTINGS as the first frame');
    }
    switch (type) {
      case FRAME_TYPE.DATA:
        this.#requests.onData(bytes, begin, end, flags, streamId);
        break;
      case FRAME_TYPE.HEADERS:
        this.#onHeaders(bytes, begin, end, flags, streamId);
        break;
      case FRAME_TYPE.CONTINUATION:
        this.#onContinuation(bytes, begin, end, flags, streamId);
        break;
      case FRAME_TYPE.WINDOW_UPDATE:
        this.#onWindowUpdate(bytes, begin, end, streamId);
        break;
      case FRAME_TYPE.RST_STREAM:
        this.#onResetStream(bytes, begin, end, streamId);
        break;
      case FRAME_TYPE.SETTINGS:
        this.#conduct.countUselessFrame();
        this.#settings.onFrame(bytes, begin, end, flags, streamId);
        break;
      case FRAME_TYPE.PING:
        this.#onPing(bytes, begin, end, flags, streamId);
        break;
      case FRAME_TYPE.PRIORITY:
        this.#onPriority(bytes, begin, end, streamId);
        break;
      case FRAME_TYPE.GOAWAY:
        this.#conduct.countUselessFrame();
        if (streamId !== 0) throw protocolError('GOAWAY of a stream');
        if (end - begin < 8) throw frameSizeError('GOAWAY of less than 8 bytes');
        break;
      case FRAME_TYPE.PUSH_PROMISE:
        throw protocolError('PUSH_PROMISE from a client');
      default:
        // Unknown frames are ignored (RFC 9113, section 5.5).
        this.#conduct.countUselessFrame();
    }
  }

  #onHeaders(bytes: Buffer, begin: number, end: number, flags: number, streamId: number): void {
    if ((streamId & 1) === 0) throw protocolError('HEADERS of a stream that a client cannot open');
    const block = this.#blocks.readHeaders(bytes, begin, end, flags, streamId);
    if (block !== undefined) this.#requests.onHeaderBlock(block, streamId);
  }

  #onContinuation(
    bytes: Buffer,
    begin: number,
    end: number,
    flags: number,
    streamId: number,
  ): void {
    const block = this.#blocks.readContinuation(bytes, begin, end, flags, streamId);
    if (block !== undefined) this.#requests.onHeaderBlock(block, streamId);
  }

  #onWindowUpdate(bytes: Buffer, begin: number, end: number, streamId: number): void {
    if (end - begin !== 4) throw frameSizeError('WINDOW_UPDATE must have 4 bytes');
    this.#conduct.countWindowUpdate();
    const increment = bytes.readUInt32BE(begin) & MAX_WINDOW_SIZE;
    if (streamId === 0) {
      if (increment === 0) throw protocolError('WINDOW_UPDATE by 0');
      if (this.#sender.widen(increment)) return;
      throw new ConnectionError(ERROR_CODE.FLOW_CONTROL_ERROR, 'window exceeds 2^31-1');
    }
    this.#refuseIdle(streamId, 'WINDOW_UPDATE');
    const stream = this.#streams.open.get(streamId);
    // It may cross the end of a response.
    if (stream === undefined) return;
    if (increment === 0) this.#streams.fault(stream, ERROR_CODE.PROTOCOL_ERROR);
    else if (!this.#sender.widenStream(stream, increment)) {
      this.#streams.fault(stream, ERROR_CODE.FLOW_CONTROL_ERROR);
    }
  }

  #onResetStream(bytes: Buffer, begin: number, end: number, streamId: number): void {
    if (end - begin !== 4) throw frameSizeError('RST_STREAM must have 4 bytes');
    this.#refuseIdle(streamId, 'RST_STREAM');
    const stream = this.#streams.open.get(streamId);
    if (stream === undefined) this.#conduct.countReset();
    else this.#streams.onReset(stream, bytes.readUInt32BE(begin));
  }

  #refuseIdle(streamId: number, frame: string): void {
    if (streamId === 0 || streamId > this.#streams.lastId || (streamId & 1) === 0) {
      throw protocolError(`${frame} of a stream that was never open`);
    }
  }

  #onPing(bytes: Buffer, begin: number, end: number, flags: number, streamId: number): void {
    if (end - begin !== PING_BYTES) throw frameSizeError('PING must have 8 bytes');
    if (streamId !== 0) throw protocolError('PING of a stream');
    this.#conduct.countPing();
    if ((flags & FLAG.ACK) !== 0) this.#drain.onPingAcknowledged(bytes.subarray(begin, end));
    else this.#control.acknowledgePing(bytes, begin);
  }

  /** Priorities are checked and ignored (RFC 9113, section 5.3). */
  #onPriority(bytes: Buffer, begin: number, end: number, streamId: number): void {
    if (streamId === 0) throw protocolError('PRIORITY of no stream');
    this.#conduct.countUselessFrame();
    const isWhole = end - begin === PRIORITY_BYTES;
    if (isWhole && (bytes.readUInt32BE(begin) & MAX_STREAM_ID) !== streamId) return;
    const code = isWhole ? ERROR_CODE.PROTOCOL_ERROR : ERROR_CODE.FRAME_SIZE_ERROR;
    const stream = this.#streams.open.get(streamId);
    if (stream !== undefined) this.#streams.fault(stream, code);
    else this.#onPriorityOfNoStream(streamId, code);
  }

  /** A reset must not be sent for a stream that is idle (RFC 9113, section 6.4). */
  #onPriorityOfNoStream(streamId: number, code: number): void {
    if (streamId > this.#streams.lastId || (streamId & 1) === 0) {
      throw new ConnectionError(code, 'malformed PRIORITY of a stream that was never open');
    }
    this.#streams.faultOf(streamId, code);
  }
}
