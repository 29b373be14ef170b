import { ConnectionError, frameSizeError, protocolError } from '../connection-error.js';
import { ERROR_CODE } from '../error-code.js';
import type { Http2Options } from '../options.js';
import type { ControlFrames } from '../output/control-frames.js';
import type { Streams } from '../stream/streams.js';
import type { ResponseSender } from '../output/response-sender.js';
import {
  DEFAULT_WINDOW_SIZE,
  FLAG,
  LARGEST_MAX_FRAME_SIZE,
  MAX_FRAME_SIZE,
  MAX_WINDOW_SIZE,
  SETTING,
} from '../protocol.js';

const SETTING_BYTES = 6;

/** Settings of both sides (RFC 9113, section 6.5). */
export class Settings {
  /** The client has sent its first SETTINGS frame. */
  isReceived = false;
  /** SETTINGS frames that the client has not acknowledged. */
  unacknowledged = 0;

  constructor(
    private readonly control: ControlFrames,
    private readonly sender: ResponseSender,
    private readonly streams: Streams,
  ) {}

  send(options: Http2Options): void {
    this.unacknowledged += 1;
    this.control.settings(encodeSettings(options));
  }

  onFrame(bytes: Buffer, begin: number, end: number, flags: number, streamId: number): void {
    if (streamId !== 0) throw protocolError('SETTINGS of a stream');
    if ((flags & FLAG.ACK) !== 0) {
      if (end > begin) throw frameSizeError('acknowledgement of SETTINGS with a payload');
      if (this.unacknowledged > 0) this.unacknowledged -= 1;
      return;
    }
    if ((end - begin) % SETTING_BYTES !== 0) {
      throw frameSizeError(`SETTINGS of ${end - begin} bytes, expected a multiple of 6`);
    }
    this.isReceived = true;
    for (let at = begin; at < end; at += SETTING_BYTES) {
      this.#apply(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
    }
    this.control.acknowledgeSettings();
  }

  #apply(setting: number, value: number): void {
    switch (setting) {
      case SETTING.HEADER_TABLE_SIZE:
        this.sender.encoder.resize(value);
        break;
      case SETTING.ENABLE_PUSH:
        if (value > 1) throw protocolError(`ENABLE_PUSH is ${value}, expected 0 or 1`);
        break;
      case SETTING.INITIAL_WINDOW_SIZE:
        this.#setInitialWindow(value);
        break;
      case SETTING.MAX_FRAME_SIZE:
        if (value < MAX_FRAME_SIZE || value > LARGEST_MAX_FRAME_SIZE) {
          throw protocolError(`MAX_FRAME_SIZE is ${value}, expected 16384 to 16777215`);
        }
        break;
      case SETTING.MAX_HEADER_LIST_SIZE:
        this.sender.maxHeaderListSize = value;
        break;
      default:
      // The others do not concern a server, or are not known (RFC 9113, section 6.5.2).
    }
  }

  /** The change applies to open streams, none of which may exceed the limit (section 6.9.2). */
  #setInitialWindow(value: number): void {
    const { sender, streams } = this;
    if (value <= MAX_WINDOW_SIZE) sender.setInitialWindow(value);
    if (value <= MAX_WINDOW_SIZE && !sender.windows.areTooWide(streams.open.values())) return;
    throw new ConnectionError(ERROR_CODE.FLOW_CONTROL_ERROR, 'INITIAL_WINDOW_SIZE too large');
  }
}

function encodeSettings(options: Http2Options): Uint8Array {
  const settings: (readonly [number, number])[] = [
    [SETTING.MAX_CONCURRENT_STREAMS, options.maxConcurrentStreams],
    [SETTING.MAX_HEADER_LIST_SIZE, options.maxHeaderListSize],
  ];
  if (options.initialWindowSize !== DEFAULT_WINDOW_SIZE) {
    settings.push([SETTING.INITIAL_WINDOW_SIZE, options.initialWindowSize]);
  }
  const bytes = Buffer.allocUnsafe(settings.length * SETTING_BYTES);
  for (const [index, [setting, value]] of settings.entries()) {
    bytes.writeUInt16BE(setting, index * SETTING_BYTES);
    bytes.writeUInt32BE(value, index * SETTING_BYTES + 2);
  }
  return bytes;
}
