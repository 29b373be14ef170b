import { status, type ClientReadableStream, type StatusObject } from '@grpc/grpc-js';

/** A stream that records its responses. */
export class StreamProbe<Message> {
  readonly messages: Message[] = [];
  /**
   * Resolves with the number of messages that arrived before the headers; rejects without headers.
   */
  readonly headers: Promise<number>;
  /** Resolves when the call has ended, with any status. */
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
    // Most tests await only one of the two.
    this.headers.catch(() => {});
    call.on('error', () => {});
    call.on('data', (message: Message) => {
      this.messages.push(message);
      this.#changed();
    });
  }

  /** Resolves when enough messages have arrived; rejects when the stream ends before. */
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

  /** Resolves with all messages when the stream ends with OK. */
  async toEnd(): Promise<readonly Message[]> {
    const { code, details } = await this.status;
    if (code !== status.OK) throw new Error(`the stream ended with ${code} ${details}`);
    return this.messages;
  }

  /** Stops reading, so that the server's flow control blocks. */
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
