import { parseArgs } from 'node:util';

/** Options of the program. */
export interface ExitsOptions {
  readonly rounds: number;
  /** No round begins after these seconds. */
  readonly seconds: number;
  readonly seed: number;
  /** Number of the first round, to repeat one of an earlier run with the same seed. */
  readonly first: number;
  /** Directory that keeps what shows a wrong answer; undefined for a temporary one. */
  readonly keep: string | undefined;
  /** Whether the broker stands in front of the engine, and records both daemons by itself. */
  readonly isInFront: boolean;
}

/** @throws Error that says what was expected */
export function parseOptions(args: readonly string[]): ExitsOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '86400' },
      seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 32)}` },
      first: { type: 'string', default: '1' },
      keep: { type: 'string' },
      'in-front': { type: 'boolean', default: false },
    },
  });
  return {
    rounds: wholeNumber('--rounds', values.rounds),
    seconds: wholeNumber('--seconds', values.seconds),
    seed: wholeNumber('--seed', values.seed),
    first: wholeNumber('--first', values.first),
    keep: values.keep,
    isInFront: values['in-front'],
  };
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (/^\d{1,10}$/.test(text) && number < 2 ** 32) return number;
  throw new Error(`${flag} ${text}: expected a whole number below 2^32`);
}
