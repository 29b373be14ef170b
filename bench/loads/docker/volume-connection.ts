import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

/** The end of an answer's JSON. */
const ANSWER_END = Buffer.from('}\n');

/**
 * A client of a Docker engine that creates volumes, one at a time. It uses a bare socket, because
 * Node's HTTP client takes several times longer for a request than the engine.
 */
export class VolumeConnection {
  #answer = '';
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (bytes) => {
      this.#take(bytes);
    });
    socket.on('close', () => {
      this.#reject(new Error('the engine has closed the connection'));
    });
  }

  static async open(socketPath: string): Promise<VolumeConnection> {
    const socket = createConnection(socketPath);
    await once(socket, 'connect');
    return new VolumeConnection(socket);
  }

  /** Resolves when the volume exists. The engine emits an event even if it existed before. */
  create(name: string): Promise<void> {
    const body = JSON.stringify({ Name: name });
    this.socket.write(
      'POST /v1.41/volumes/create HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n' +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  close(): void {
    this.#reject = () => undefined;
    this.socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#answer += bytes.toString('latin1');
    if (!bytes.subarray(-ANSWER_END.length).equals(ANSWER_END)) return;
    const answer = this.#answer;
    this.#answer = '';
    if (answer.startsWith('HTTP/1.1 201 ')) this.#resolve();
    else this.#reject(new Error(`the engine answered: ${answer}`));
  }
}
