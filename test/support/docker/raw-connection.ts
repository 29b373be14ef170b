import { connect, Socket, type NetConnectOpts } from 'node:net';

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
  #hasEnded = false;
  #changed = (): void => {};

  /** @param where the address to connect to, or a socket that is connected */
  constructor(where: NetConnectOpts | Socket) {
    this.#socket = where instanceof Socket ? where : connect(where);
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => {
      this.#received += text;
      this.#changed();
    });
    this.#socket.on('error', () => {});
    this.#socket.once('end', () => {
      this.#hasEnded = true;
      this.#changed();
    });
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
    this.#socket.write(text, 'latin1');
  }

  /** Ends the writing; the other side may go on sending. */
  endWriting(): void {
    this.#socket.end();
  }

  /** Stops reading, so that the other side cannot send more than buffers hold. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Resolves when so many bytes were received and dropped. */
  async skip(count: number): Promise<void> {
    let left = count;
    while (left > 0) left -= (await this.#bytes(Math.min(left, 64 * 1024))).length;
  }

  /** Bytes that were sent, and that the other side has not taken. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Resolves with the first line that arrives, which is still to be read. */
  async firstLine(): Promise<string> {
    await this.#when(() => this.#received.includes('\r\n'));
    return this.#received.slice(0, this.#received.indexOf('\r\n'));
  }

  /** Resolves when exactly this text has arrived next. */
  async expect(text: string): Promise<void> {
    const received = await this.#bytes(text.length);
    if (received === text) return;
    throw new Error(`received ${JSON.stringify(received)} instead of ${JSON.stringify(text)}`);
  }

  async head(): Promise<RawHead> {
    const [statusLine = '', ...headers] = (await this.#upTo('\r\n\r\n')).split('\r\n');
    return { statusLine, headers };
  }

  /** Resolves when the other side has ended its writing, and everything was read. */
  async ended(): Promise<void> {
    await this.#when(() => this.#hasEnded || this.#isClosed);
    if (this.#received !== '') throw new Error(`unread: ${JSON.stringify(this.#received)}`);
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
