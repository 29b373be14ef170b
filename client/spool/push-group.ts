import type { Spool } from './spool.js';

interface Push {
  readonly envelope: Uint8Array;
  readonly resolve: (number: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Groups the pushes of one tick of the event loop into one transaction and one flush. */
export class PushGroup {
  #pushes: Push[] = [];

  constructor(
    private readonly spool: Spool,
    private readonly onPushed: () => void,
  ) {}

  /**
   * Resolves with the event's number once it is flushed. Rejects with the errors of `Spool.push`.
   */
  add(envelope: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#pushes.push({ envelope, resolve, reject });
      if (this.#pushes.length === 1) {
        setImmediate(() => {
          this.flush();
        });
      }
    });
  }

  /** Pushes at once, without waiting for the end of the tick. */
  flush(): void {
    const pushes = this.#pushes.splice(0);
    if (pushes.length === 0) return;
    try {
      const numbers = this.spool.push(pushes.map(({ envelope }) => envelope));
      pushes.forEach(({ resolve, reject }, index) => {
        const number = numbers[index];
        if (typeof number === 'number') resolve(number);
        else reject(number);
      });
      this.onPushed();
    } catch (error) {
      for (const { reject } of pushes) reject(error);
    }
  }
}
