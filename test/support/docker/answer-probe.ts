import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The beginning of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** An answer under observation: keeps the lines that arrive and tells when. */
export class AnswerProbe {
  /** Without their newlines; what has none yet is not among them. */
  readonly lines: string[] = [];
  /** Resolves with status and headers; rejects when there are none. */
  readonly head: Promise<AnswerHead>;
  /** Resolves when nothing more comes: the answer is whole, or was cut off. */
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
    // Most tests ask for something else.
    this.head.catch(() => {});
  }

  /** Resolves when what has arrived is enough; rejects when the answer ends before. */
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

  /** All lines, when the answer is whole. Rejects when it is not. */
  async toEnd(): Promise<readonly string[]> {
    const how = await this.end;
    if (how === 'whole') return this.lines;
    throw new Error(`the answer was cut off after ${this.lines.length} lines`);
  }

  /** The body, when the answer is whole. */
  async text(): Promise<string> {
    const lines = await this.toEnd();
    return [...lines, this.#rest].join('\n');
  }

  /** Stops reading from the connection, so that the server finds no more room. */
  pause(): void {
    this.#message?.pause();
  }

  resume(): void {
    this.#message?.resume();
  }

  /** Drops the connection. */
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
