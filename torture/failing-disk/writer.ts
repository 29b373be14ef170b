import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** A line that the writer prints. */
export type WriterLine =
  | { readonly kind: 'opened'; readonly pid: number }
  | { readonly kind: 'refused' | 'failed' | 'rejected'; readonly reason: string }
  | { readonly kind: 'acknowledged'; readonly offsets: readonly number[] };

/** How the life of a writer ended. */
export interface Life {
  /**
   * It was killed while it worked, refused to open the store, ended because the store had failed,
   * died of a signal (LMDB may damage the memory of its process when a call fails), ended for
   * another reason, or did nothing for long.
   */
  readonly end: 'killed' | 'refused' | 'failed' | 'died' | 'crashed' | 'wedged';
  readonly reason: string;
  readonly acknowledged: readonly number[];
  readonly rejected: number;
}

/** A writer that prints nothing for so long is wedged. */
const PATIENCE_MS = 60_000;

/**
 * Runs a writer and kills it.
 *
 * @param workMs how long it works before
 */
export async function liveAndDie(command: readonly string[], workMs: number): Promise<Life> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => (errors = (errors + bytes.toString()).slice(-2000)));
  const exited = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const kill = (): void => {
    // The group has strace and the writer.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const watchdog = new Watchdog(kill);
  const acknowledged: number[] = [];
  let rejected = 0;
  let ended: { readonly end: Life['end']; readonly reason: string } | undefined;
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as WriterLine;
    watchdog.feed();
    if (line.kind === 'acknowledged') acknowledged.push(...line.offsets);
    else if (line.kind === 'rejected') rejected += 1;
    else if (line.kind === 'opened') {
      void delay(workMs).then(() => {
        watchdog.onNextLine = () => {
          ended ??= { end: 'killed', reason: '' };
          kill();
        };
      });
    } else ended ??= { end: line.kind, reason: line.reason };
  }
  const [code, signal] = await exited;
  watchdog.stop();
  if (watchdog.hasBarked) ended = { end: 'wedged', reason: 'no outcome for a minute' };
  const reason = `${signal ?? `exit ${code ?? ''}`} ${errors.trim()}`;
  ended ??= { end: signal === null ? 'crashed' : 'died', reason };
  return { ...ended, acknowledged, rejected };
}

/** Ends a process that prints nothing. */
class Watchdog {
  hasBarked = false;
  /** Called with the next line: a writer that is wedged must not be taken for one that works. */
  onNextLine: (() => void) | undefined;
  #timer: NodeJS.Timeout;

  constructor(private readonly bite: () => void) {
    this.#timer = this.#start();
  }

  feed(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
    this.onNextLine?.();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      this.hasBarked = true;
      this.bite();
    }, PATIENCE_MS);
  }
}
