import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** The beginning of an answer, as it is on the wire. */
export interface RawHead {
  readonly statusLine: string;
  /** In their order, with their spelling. */
  readonly headers: readonly string[];
}

export interface RawAnswer extends RawHead {
  /** One text for each chunk; a single one for a body of a known length, if it has one. */
  readonly chunks: readonly string[];
}

/** A connection over which a test says every byte by itself, and sees every byte of what comes back. */
export class RawConnection {
  /** Resolves when the other side has closed it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  /** One character for each byte. */
  #received = '';
  #isClosed = false;
  #changed = (): void => {};

  constructor(where: NetConnectOpts) {
    this.#socket = connect(where);
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => {
      this.#received += text;
      this.#changed();
    });
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.#socket.once('close', () => {
        this.#isClosed = true;
        this.#changed();
        resolve();
      });
    });
  }

  /** Requests without a body, one after the other: `GET /events?until=1`. */
  ask(...requests: string[]): void {
    this.send(requests.map((line) => `${line} HTTP/1.1\r\nHost: docker\r\n\r\n`).join(''));
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  async head(): Promise<RawHead> {
    const [statusLine = '', ...headers] = (await this.#upTo('\r\n\r\n')).split('\r\n');
    return { statusLine, headers };
  }

  /** The next chunk of a body; undefined for the last one. */
  async chunk(): Promise<string | undefined> {
    const length = Number.parseInt(await this.#upTo('\r\n'), 16);
    const text = await this.#bytes(length);
    await this.#upTo('\r\n');
    return length === 0 ? undefined : text;
  }

  /** The next answer, when it is whole. */
  async answer(): Promise<RawAnswer> {
    const head = await this.head();
    if (head.headers.includes('Transfer-Encoding: chunked')) {
      const chunks: string[] = [];
      for (;;) {
        const chunk = await this.chunk();
        if (chunk === undefined) return { ...head, chunks };
        chunks.push(chunk);
      }
    }
    const length = head.headers.find((header) => header.startsWith('Content-Length: '));
    const body = await this.#bytes(Number(length?.slice('Content-Length: '.length) ?? 0));
    return { ...head, chunks: body === '' ? [] : [body] };
  }

  /** Everything that is left until the other side closes. */
  async rest(): Promise<string> {
    await this.closed;
    return this.#received;
  }

  /** Drops it. */
  kill(): void {
    this.#socket.destroy();
  }

  async #upTo(separator: string): Promise<string> {
    const end = (): number => this.#received.indexOf(separator);
    await this.#when(() => end() >= 0);
    const text = this.#received.slice(0, end());
    this.#received = this.#received.slice(end() + separator.length);
    return text;
  }

  async #bytes(count: number): Promise<string> {
    await this.#when(() => this.#received.length >= count);
    const text = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return text;
  }

  #when(enough: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#changed = (): void => {
        if (enough()) resolve();
        else if (this.#isClosed)
          reject(new Error(`closed after ${JSON.stringify(this.#received)}`));
      };
      this.#changed();
    });
  }
}
