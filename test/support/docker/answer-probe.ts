import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Status and headers of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP answer that records the lines that arrive. */
export class AnswerProbe {
  /** Complete lines, without their newlines. */
  readonly lines: string[] = [];
  /** Resolves with status and headers; rejects when none arrive. */
  readonly head: Promise<AnswerHead>;
  /** Resolves when the answer is complete or cut off. */
  readonly end: Promise<'whole' | 'cut'>;
  #rest = '';
  #message: IncomingMessage | undefined;
  #changed = (): void => {};

  constructor(private readonly request: ClientRequest) {
    let finish: (how: 'whole' | 'cut') => void;
    this.end = new Promise((resolve) => (finish = resolve));
    this.head = new Promise((resolve, reject) => {
      request.once('response', (message) => {
        this.#observe(message, finish);
        resolve({ status: message.statusCode!, headers: message.headers });
      });
      request.on('error', (error) => {
        reject(error);
        finish('cut');
      });
    });
    // Most tests await another of these promises.
    this.head.catch(() => {});
  }

  /** Resolves when enough lines have arrived; rejects when the answer ends before. */
  when(enough: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (enough(this.lines)) resolve(this.lines);
      };
      this.#changed = look;
      look();
      void this.end.then((how) => {
        reject(new Error(`the answer ended (${how}) after ${this.lines.length} lines`));
      });
    });
  }

  /** Resolves with all lines of a complete answer; rejects when it is cut off. */
  async toEnd(): Promise<readonly string[]> {
    const how = await this.end;
    if (how === 'whole') return this.lines;
    throw new Error(`the answer was cut off after ${this.lines.length} lines`);
  }

  /** Resolves with the body of a complete answer. */
  async text(): Promise<string> {
    const lines = await this.toEnd();
    return [...lines, this.#rest].join('\n');
  }

  /** Stops reading, so that the server's flow control blocks. */
  pause(): void {
    this.#message?.pause();
  }

  resume(): void {
    this.#message?.resume();
  }

  /** Destroys the connection. */
  cancel(): void {
    this.request.destroy();
  }

  #observe(message: IncomingMessage, finish: (how: 'whole' | 'cut') => void): void {
    this.#message = message;
    message.setEncoding('utf8');
    message.on('data', (text: string) => {
      const [first = '', ...others] = text.split('\n');
      this.#rest += first;
      for (const part of others) {
        this.lines.push(this.#rest);
        this.#rest = part;
      }
      this.#changed();
    });
    message.on('error', () => {});
    message.once('close', () => {
      finish(message.complete ? 'whole' : 'cut');
    });
  }
}
