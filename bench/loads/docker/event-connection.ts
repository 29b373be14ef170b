import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { EventCounter } from './event-counter.js';

const HEADERS_END = '\r\n\r\n';

/**
 * A client of an event stream over a bare socket, because Node's HTTP client takes more time to
 * read an event than a daemon takes to send it.
 */
export class EventConnection {
  readonly #counter: EventCounter;

  private constructor(
    private readonly socket: Socket,
    onEvent: (timeMicros: number) => void,
  ) {
    this.#counter = new EventCounter(onEvent);
  }

  /**
   * Resolves when the daemon has answered; from then on no event is missed. Reads nothing until
   * `read` is called.
   *
   * @param path with its query
   */
  static async open(
    socketPath: string,
    path: string,
    onEvent: (timeMicros: number) => void,
  ): Promise<EventConnection> {
    const socket = createConnection(socketPath);
    await once(socket, 'connect');
    const connection = new EventConnection(socket, onEvent);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n`);
    connection.#counter.add(await readHeaders(socket));
    return connection;
  }

  read(): void {
    this.socket.on('data', (bytes: Buffer) => {
      this.#counter.add(bytes);
    });
    this.socket.resume();
  }

  /** Resolves when the daemon has closed the connection. */
  async closed(): Promise<void> {
    await once(this.socket, 'close');
  }
}

/** Resolves with the bytes received after the headers. Rejects unless the status is 200. */
async function readHeaders(socket: Socket): Promise<Buffer> {
  let answer: Buffer = Buffer.alloc(0);
  while (!answer.includes(HEADERS_END)) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    answer = Buffer.concat([answer, bytes]);
    if (!answer.includes(HEADERS_END)) socket.resume();
  }
  const end = answer.indexOf(HEADERS_END) + HEADERS_END.length;
  if (!answer.toString('latin1').startsWith('HTTP/1.1 200 ')) {
    throw new Error(`the daemon answered: ${answer.toString()}`);
  }
  return answer.subarray(end);
}
