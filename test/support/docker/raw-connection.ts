import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** Status and headers of an answer, as on the wire. */
export interface RawHead {
  readonly statusLine: string;
  /** Header lines in their order and spelling. */
  readonly headers: readonly string[];
}

export interface RawAnswer extends RawHead {
  /** One text for each chunk, or a single one for a body of known length. */
  readonly chunks: readonly string[];
}

/** A connection on which a test writes and reads every byte itself. */
export class RawConnection {
  /** Resolves when the other side has closed the connection. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  /** Received bytes, as one character each. */
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

  /** Sends requests without a body, pipelined: `GET /events?until=1`. */
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

  /** Resolves with the next chunk of a body; undefined for the last one. */
  async chunk(): Promise<string | undefined> {
    const length = Number.parseInt(await this.#upTo('\r\n'), 16);
    const text = await this.#bytes(length);
    await this.#upTo('\r\n');
    return length === 0 ? undefined : text;
  }

  /** Resolves with the next complete answer. */
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

  /** Resolves with the remaining bytes once the other side closes. */
  async rest(): Promise<string> {
    await this.closed;
    return this.#received;
  }

  /** Destroys the connection. */
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
