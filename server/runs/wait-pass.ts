import { FoghornError } from '../../protocol/errors.js';
import type { EntrySubscription } from '../broker/broker.js';
import type { Gap, SubscriptionMessage } from '../broker/subscription-message.js';
import { parseCursor } from '../events/cursor.js';
import type { ContainerKey } from '../events/filing.js';
import { askUntilKnown } from './ask-until-known.js';
import type { ExitWait, LocatedCondition, RunSource } from './exit-wait.js';
import { runEvent } from './run-event.js';
import { isOpen, wasStarted, type Run, type RunExit } from './run.js';
import { Runs } from './runs.js';
import { damagedEnd, lostEnd, neverReported, neverStarted } from './wait-errors.js';

/** Throws DATA_LOSS when an exit after an offset may be among the damaged entries. */
function checkBefore({ to }: Gap, after: number, key: ContainerKey): void {
  if (parseCursor(to).offset > after) throw damagedEnd(key);
}

/** Milliseconds between two questions about an exec whose end was not reported. */
const EXEC_QUESTION_MS = 5000;

/** A question to the recorders that was answered. */
interface AnsweredQuestion {
  readonly failure: FoghornError | undefined;
  /** Everything up to here was to be read before the answer counts. */
  readonly offset: number;
  /** How often recorders had attached when it was asked. */
  readonly attachments: number;
}

/** One pass over the entries of a process. */
export class WaitPass {
  readonly #runs: Runs;
  #isPresent = false;
  /** Damage since the last event that was read about the process. */
  #damage: Gap | undefined;
  /** Whether a recorder that does not know everything has stored news for a question. */
  #hadNews = false;
  /** The recorders' answer, once they were asked. */
  #asked: AnsweredQuestion | undefined;
  /** When recorders are asked about an open exec next, by the monotonic clock, ms. */
  #execQuestionAt = 0;

  constructor(
    private readonly source: RunSource,
    private readonly wait: ExitWait<LocatedCondition>,
    private readonly subscription: EntrySubscription,
    private readonly signal: AbortSignal,
  ) {
    this.#runs = new Runs(wait.process);
  }

  /** 'overtaken': retention has removed entries before they were read, so the wait starts over. */
  async run(): Promise<RunExit | 'overtaken'> {
    const { subscription, source } = this;
    const stop = source.recorders.onAttached(() => {
      this.#execQuestionAt = 0;
      subscription.onReady();
    });
    try {
      return await this.#run();
    } finally {
      stop();
    }
  }

  async #run(): Promise<RunExit | 'overtaken'> {
    const { subscription } = this;
    while (!subscription.closed) {
      const message = subscription.take();
      if (message?.kind === 'end') break;
      const outcome = message === undefined ? await this.#decide() : this.#handle(message);
      if (outcome !== undefined) return outcome;
    }
    throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
  }

  #handle(message: SubscriptionMessage): RunExit | 'overtaken' | undefined {
    const { condition, key } = this.wait;
    if (message.kind === 'gap') {
      if (message.reason !== 'damaged') return 'overtaken';
      this.#damage = message;
      if (condition.kind === 'next exit') checkBefore(message, condition.after, key);
    }
    if (message.kind === 'caught up') this.#isPresent = true;
    for (const event of message.kind === 'entries' ? message.entries : []) {
      const step = event.payload && runEvent(event.payload);
      if (step === undefined) continue;
      if (step.kind !== 'container deleted') this.#damage = undefined;
      const ended = this.#runs.add(step, event);
      const exit = this.#exitThatCounts(ended, event.offset);
      if (exit !== undefined) return exit;
    }
    return undefined;
  }

  /** An end with this condition counts whatever comes later. */
  #exitThatCounts(ended: RunExit | undefined, offset: number): RunExit | undefined {
    const { condition } = this.wait;
    if (condition.kind === 'pid') return this.#runs.withPid(condition.pid)?.exit;
    return condition.kind === 'next exit' && offset > condition.after ? ended : undefined;
  }

  /** Answers if everything that was stored so far is enough; otherwise waits for more. */
  async #decide(): Promise<RunExit | undefined> {
    const { subscription } = this;
    // A run that goes on after a question may be answered with, although others cannot be known.
    if (this.#hadNews && this.#isRunning) {
      const { attachments } = this.source.recorders;
      this.#asked ??= { failure: undefined, offset: 0, attachments };
    }
    const isCaughtUp = subscription.position.offset >= (this.#asked?.offset ?? 0);
    if (this.#isPresent && isCaughtUp && !this.#isRunning) {
      if (this.#needsRecorders) {
        await this.#ask();
        return undefined;
      }
      const exit = this.#answer();
      if (exit !== undefined && this.#asked?.failure !== undefined) throw this.#asked.failure;
      if (exit !== undefined) return exit;
    }
    const timer = this.#isPresent && this.#isExecOpen ? this.#askAboutExec() : undefined;
    await new Promise<void>((resolve) => (subscription.onReady = resolve));
    clearTimeout(timer);
    return undefined;
  }

  /**
   * Asks recorders about the exec if that is due: no event says that it could not be started. Their
   * answer is an entry. Returns a timer for the next question.
   */
  #askAboutExec(): NodeJS.Timeout {
    const { key, process } = this.wait;
    const now = performance.now();
    if (now >= this.#execQuestionAt) {
      this.#execQuestionAt = now + EXEC_QUESTION_MS;
      void this.source.recorders.askAboutExec(key, process);
    }
    return setTimeout(() => {
      this.subscription.onReady();
    }, this.#execQuestionAt - now);
  }

  /** Throws if there will never be an answer. */
  #answer(): RunExit | undefined {
    const { condition, key, process } = this.wait;
    const run = this.#runInQuestion;
    if (condition.kind === 'next exit') {
      if (run?.exit === undefined && run?.lost !== undefined) {
        if (parseCursor(run.lost.cursor).offset > condition.after)
          throw lostEnd(key, process, run.lost);
      }
    } else {
      if (this.#damage !== undefined) throw damagedEnd(key);
      if (run?.exit !== undefined) return run.exit;
      if (run?.lost !== undefined) throw lostEnd(key, process, run.lost);
    }
    if (run?.exit !== undefined) return undefined;
    const isGone = process === '' ? run?.deleted === true : this.#runs.isExecOver;
    if (isGone) throw run && wasStarted(run) ? neverReported(key) : neverStarted(key, process);
    return undefined;
  }

  get #runInQuestion(): Run | undefined {
    const { condition } = this.wait;
    return condition.kind === 'pid' ? this.#runs.withPid(condition.pid) : this.#runs.newest;
  }

  /** Whether the newest run is known to have begun, and goes on. */
  get #isRunning(): boolean {
    const run = this.#runInQuestion;
    return this.wait.process === '' && run !== undefined && isOpen(run) && wasStarted(run);
  }

  /** Whether an exec was reported, and its end was not. */
  get #isExecOpen(): boolean {
    const run = this.#runInQuestion;
    return this.wait.process !== '' && run !== undefined && isOpen(run);
  }

  /** Whether the process may be doing something else by now, or the reason why it does not run. */
  get #needsRecorders(): boolean {
    const { condition, process } = this.wait;
    if (process !== '' || condition.kind !== 'not running') return false;
    return this.#asked?.attachments !== this.source.recorders.attachments;
  }

  async #ask(): Promise<void> {
    const { source, subscription, signal, wait } = this;
    const { namespace, container } = wait.key;
    const subject = { namespace, container };
    const { attachments } = source.recorders;
    let hasNews = false;
    subscription.onReady = () => (hasNews = true);
    const failure = await askUntilKnown(source.recorders, subject, signal, () => hasNews);
    if (failure === 'enough') {
      this.#hadNews = true;
      return;
    }
    const offset = await source.broker.newest();
    this.#asked = { failure, offset, attachments };
    await subscription.dispatched(offset);
  }
}
