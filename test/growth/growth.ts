import { expect } from 'chai';

/** How much longer the larger input is. */
const FACTOR = 10;
/**
 * How much longer the larger input may take. Linear algorithms measure 9 to 16, because caches and
 * garbage collection favor short inputs; a quadratic one measures 50 to 100.
 */
const MAX_GROWTH = 25;
/** A shorter time says nothing about the algorithm. */
const MEASURABLE_MS = 1;
/**
 * Longer input by default, in characters or bytes: long enough for a quadratic algorithm to show,
 * and short enough that garbage collection does not.
 */
const LONG = 20_000;
const RUNS = 4;
/** Other processes disturb a measurement, but do not make a quadratic algorithm linear. */
const ATTEMPTS = 5;

/** Something that reads what a caller sent. */
export interface Reader<Input> {
  /** May throw: refusing an input must not take long either. */
  readonly read: (input: Input) => unknown;
  /** Makes an input of about this length. */
  readonly make: (length: number) => Input;
  /** The longest input that callers can pass to it, if shorter than the default. */
  readonly maxLength?: number;
}

/** Fails if the time of a reader grows faster than its input. */
export function expectLinear<Input>({ read, make, maxLength = LONG }: Reader<Input>): void {
  const [short, long] = [make(maxLength / FACTOR), make(maxLength)];
  const growths: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const repeat = repetitions(read, short);
    const growth = fastest(read, long, repeat) / fastest(read, short, repeat);
    if (growth <= MAX_GROWTH) return;
    growths.push(growth);
  }
  expect(Math.min(...growths), `growth of the time: ${growths.join(', ')}`).to.be.at.most(
    MAX_GROWTH,
  );
}

/** How often an input must be read so that the time can be measured. */
function repetitions<Input>(read: (input: Input) => unknown, input: Input): number {
  for (let repeat = 1; ; repeat *= 2) {
    if (fastest(read, input, repeat) >= MEASURABLE_MS) return repeat;
  }
}

/**
 * Milliseconds of processor time of the fastest run. The time on the clock would depend on other
 * processes, which interrupt long runs more often than short ones.
 */
function fastest<Input>(read: (input: Input) => unknown, input: Input, repeat: number): number {
  let best = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const begin = process.cpuUsage();
    for (let n = 0; n < repeat; n++) attempt(read, input);
    const { user, system } = process.cpuUsage(begin);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

function attempt<Input>(read: (input: Input) => unknown, input: Input): void {
  try {
    read(input);
  } catch {
    // A refusal.
  }
}
