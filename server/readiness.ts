import type { Logger } from 'pino';

/** A part of the broker that can be in trouble. */
export type ReadinessSource = 'history' | 'broker';

/** Why a broker cannot store events now. */
export interface NotReady {
  readonly source: ReadinessSource;
  readonly reason: string;
}

/** Whether events can be stored now. Health checks of all protocols are answered from here. */
export class Readiness {
  readonly #reasons = new Map<ReadinessSource, string>();
  readonly #listeners: ((isReady: boolean) => void)[] = [];

  constructor(private readonly log: Logger) {}

  /** The reasons against it; empty when events can be stored. */
  get reasons(): readonly NotReady[] {
    return [...this.#reasons].map(([source, reason]) => ({ source, reason }));
  }

  /** Calls the listener now, and whenever the answer changes. */
  listen(listener: (isReady: boolean) => void): void {
    this.#listeners.push(listener);
    listener(this.#reasons.size === 0);
  }

  /** Takes the reason why the store can store nothing, or undefined when it can again. */
  readonly reportHistory = (trouble: Error | undefined): void => {
    if (trouble === undefined) this.log.info('history: events can be stored again');
    else this.log.error(`history: nothing can be stored for now: ${trouble.message}`);
    this.#set('history', trouble?.message);
  };

  /** The broker drains, and stays not ready. */
  drain(): void {
    this.#set('broker', 'the broker is shutting down');
  }

  #set(source: ReadinessSource, reason: string | undefined): void {
    if (reason === undefined) this.#reasons.delete(source);
    else this.#reasons.set(source, reason);
    for (const listener of this.#listeners) listener(this.#reasons.size === 0);
  }
}
