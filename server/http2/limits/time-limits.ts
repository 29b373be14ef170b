import { ConnectionError } from '../connection-error.js';
import { ERROR_CODE } from '../error-code.js';
import type { Http2Options } from '../options.js';
import type { ResponseSender } from '../output/response-sender.js';
import type { Streams } from '../stream/streams.js';
import type { Settings } from '../connection/settings.js';

/** Ends what a client does not finish in time. Called about once a second. */
export class TimeLimits {
  readonly #begunAt: number;
  #settingsSentAt = 0;
  #incompleteSince = 0;

  constructor(
    private readonly options: Http2Options,
    private readonly settings: Settings,
    private readonly streams: Streams,
    private readonly sender: ResponseSender,
    now: number,
  ) {
    this.#begunAt = now;
  }

  /**
   * @param isIncomplete a frame or a header block has begun and not ended
   * @throws ConnectionError for a client that is late with something of the connection
   */
  tick(now: number, isIncomplete: boolean): void {
    const { settings, options } = this;
    if (!settings.isReceived && now - this.#begunAt >= options.prefaceTimeout) {
      throw new ConnectionError(ERROR_CODE.PROTOCOL_ERROR, 'no preface and SETTINGS in time');
    }
    if (settings.unacknowledged === 0) this.#settingsSentAt = 0;
    else if (this.#settingsSentAt === 0) this.#settingsSentAt = now;
    else if (now - this.#settingsSentAt >= options.settingsTimeout) {
      throw new ConnectionError(ERROR_CODE.SETTINGS_TIMEOUT, 'SETTINGS not acknowledged in time');
    }
    if (!isIncomplete) this.#incompleteSince = 0;
    else if (this.#incompleteSince === 0) this.#incompleteSince = now;
    else if (now - this.#incompleteSince >= options.frameTimeout) {
      throw new ConnectionError(ERROR_CODE.ENHANCE_YOUR_CALM, 'frame not complete in time');
    }
    this.#tickStreams(now);
  }

  #tickStreams(now: number): void {
    const { messageTimeout, unsentResponseTimeout } = this.options;
    for (const stream of this.streams.keeping) {
      if (now - stream.keptSince < messageTimeout) continue;
      this.streams.reset(stream, ERROR_CODE.ENHANCE_YOUR_CALM);
    }
    for (const stream of this.sender.stalled) {
      if (!stream.isEnding || now - stream.stalledSince < unsentResponseTimeout) continue;
      this.streams.reset(stream, ERROR_CODE.ENHANCE_YOUR_CALM);
    }
  }
}
