import { setImmediate as nextTick } from 'node:timers/promises';
import { format } from 'node:util';

/**
 * Root hooks that fail a run in which Node warned, a rejection was not handled in time, or a
 * library wrote to the terminal. Mocha's workers ignore all of these.
 */

type ConsoleMethod = 'debug' | 'error' | 'info' | 'log' | 'warn';
const CONSOLE_METHODS: readonly ConsoleMethod[] = ['debug', 'error', 'info', 'log', 'warn'];

/** Printed by Node after it has emitted the warning. */
const NODE_WARNING = /^\(node:\d+\) /;

class Watch {
  #expected: RegExp | undefined;
  /** A set, because Mocha emits a rejection again. */
  readonly #problems = new Set<string>();
  #test = 'before the first test';

  constructor() {
    process.on('warning', ({ name, message, stack }) => {
      this.#add(`warning: ${stack ?? `${name}: ${message}`}`);
    });
    for (const method of CONSOLE_METHODS) this.#watchConsole(method);
  }

  /** Mocha's workers remove every listener for rejections after each file. */
  watchRejections(): void {
    process.off('unhandledRejection', this.#onRejection);
    process.on('unhandledRejection', this.#onRejection);
  }

  testBegins(title: string): void {
    this.#test = title;
    this.#expected = undefined;
  }

  /** Throws if anything was printed, warned or rejected since the last call. */
  async check(): Promise<void> {
    // Node reports what it noticed at the end of a tick.
    await nextTick();
    await nextTick();
    const problems = [...this.#problems];
    this.#problems.clear();
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  expect(text: RegExp): void {
    this.#expected = text;
  }

  readonly #onRejection = (reason: unknown): void => {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : format(reason);
    this.#add(`unhandled rejection: ${text}`);
  };

  /** Mocha's reporters keep the original method. */
  #watchConsole(method: ConsoleMethod): void {
    const original = console[method].bind(console);
    console[method] = (...args: unknown[]) => {
      const text = format(...args);
      if (this.#expected?.test(text)) return;
      if (!NODE_WARNING.test(text)) this.#add(`console.${method}: ${text}`);
      original(...args);
    };
  }

  #add(problem: string): void {
    this.#problems.add(`in or after "${this.#test}": ${problem}`);
  }
}

const watch = new Watch();

/** Lets the running test's libraries print lines that match. */
export function expectOutput(text: RegExp): void {
  watch.expect(text);
}

export const mochaHooks: Mocha.RootHookObject = {
  beforeAll() {
    watch.watchRejections();
  },
  beforeEach(this: Mocha.Context) {
    watch.testBegins(this.currentTest?.fullTitle() ?? '');
  },
  async afterAll() {
    await watch.check();
  },
};
