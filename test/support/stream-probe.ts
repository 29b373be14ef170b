import { status, type ClientReadableStream, type StatusObject } from '@grpc/grpc-js';

/** A stream of responses under observation: keeps what arrives and tells when. */
export class StreamProbe<Message> {
  readonly messages: Message[] = [];
  /** Resolves with the number of messages that had arrived before the headers; rejects when there are none. */
  readonly headers: Promise<number>;
  /** Resolves when the call ended, however it ended. */
  readonly status: Promise<StatusObject>;
  #changed = (): void => {};

  constructor(private readonly call: ClientReadableStream<Message>) {
    this.status = new Promise((resolve) => call.once('status', resolve));
    this.headers = new Promise((resolve, reject) => {
      call.once('metadata', () => {
        resolve(this.messages.length);
      });
      void this.status.then(({ details }) => {
        reject(new Error(`the stream ended: ${details}`));
      });
    });
    // Most tests ask for one of the two only.
    this.headers.catch(() => {});
    call.on('error', () => {});
    call.on('data', (message: Message) => {
      this.messages.push(message);
      this.#changed();
    });
  }

  /** Resolves when what has arrived is enough; rejects when the stream ends before. */
  when(enough: (messages: readonly Message[]) => boolean): Promise<readonly Message[]> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (enough(this.messages)) resolve(this.messages);
      };
      this.#changed = look;
      look();
      void this.status.then(({ code, details }) => {
        reject(new Error(`the stream ended with ${code} ${details} after ${this.messages.length}`));
      });
    });
  }

  /** Everything, when the stream has ended with OK. */
  async toEnd(): Promise<readonly Message[]> {
    const { code, details } = await this.status;
    if (code !== status.OK) throw new Error(`the stream ended with ${code} ${details}`);
    return this.messages;
  }

  /** Stops reading from the connection, so that the server finds no more room. */
  pause(): void {
    this.call.pause();
  }

  resume(): void {
    this.call.resume();
  }

  cancel(): void {
    this.call.cancel();
  }
}
