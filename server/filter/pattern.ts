import { RE2JS, RE2JSException } from 're2js';

import {
  MAX_INSTRUCTIONS_PER_SUBSCRIPTION,
  MAX_PATTERN_BYTES,
  MAX_PATTERN_BYTES_PER_SUBSCRIPTION,
  MAX_PROGRAM_INSTRUCTIONS,
  STATE_CACHE_BYTES,
} from './limits.js';
import { estimateProgramSize } from './program-size.js';
import { decodeLossy, decodeStrict } from './utf8.js';

/** A rejected regular expression; the message is the reason. */
export class PatternError extends Error {}

/** Weight of the newest match in the expected time. */
const NEWEST = 1 / 8;
/** Time of a match without cached states, for each instruction and character. */
const MS_PER_STEP = { usual: 0.000_01, most: 0.000_03 };
/** Matches of a small pattern that are not counted, because code may be compiled meanwhile. */
const WARM_UP = { matches: 8, ms: 0.02 };
/** Overhead of a match, as a number of characters. */
const FIXED_CHARACTERS = 16;
/** A pattern that is faster is timed once in so many matches, because reading the clock costs. */
const FAST = { ms: 0.01, matchesPerTiming: 16 };

/** A compiled regular expression, and how long its matches take. */
export class Pattern {
  #msPerCharacter: number | undefined;
  #untimed = 0;
  #warmUps = 0;
  #isBounded = false;

  constructor(
    readonly source: string,
    /** Upper bound of its program's size. */
    readonly instructions: number,
    private readonly regexp: RE2JS,
  ) {}

  test(text: string): boolean {
    if (!this.#isBounded) {
      // Not at compile time, because the analysis of character classes may take longer than that.
      boundStateCache(this.regexp, this.instructions);
      this.#isBounded = true;
    }
    return this.regexp.test(text);
  }

  /** Time that the next match will probably take. */
  expectedMs(text: string): number {
    const msPerCharacter = this.#msPerCharacter ?? this.instructions * MS_PER_STEP.usual;
    return msPerCharacter * (text.length + FIXED_CHARACTERS);
  }

  /** Whether the next match is to be timed. */
  isTimingDue(expectedMs: number): boolean {
    if (this.#msPerCharacter === undefined || expectedMs > FAST.ms) return true;
    this.#untimed = (this.#untimed + 1) % FAST.matchesPerTiming;
    return this.#untimed === 0;
  }

  /** Learns how long a match took. Returns how much of that the match itself can have taken. */
  learn(text: string, ms: number): number {
    const characters = text.length + FIXED_CHARACTERS;
    if (this.#warmUps < WARM_UP.matches && this.expectedMs(text) < WARM_UP.ms) {
      this.#warmUps += 1;
      return 0;
    }
    // It took longer only if the thread paused, or code was compiled.
    const own = Math.min(ms, this.instructions * MS_PER_STEP.most * characters);
    const known = this.#msPerCharacter ?? own / characters;
    this.#msPerCharacter = known + (own / characters - known) * NEWEST;
    return own;
  }
}

/** The distinct regular expressions of one subscription, in RE2 syntax, matched in linear time. */
export class PatternSet {
  readonly #patterns = new Map<string, Pattern>();
  #bytes = 0;
  #instructions = 0;

  /** @throws PatternError if the pattern is invalid or exceeds a limit */
  compile(source: Uint8Array): Pattern {
    limit('pattern is', source.length, 'bytes long', MAX_PATTERN_BYTES);
    const text = decodeStrict(source);
    if (text === undefined) {
      throw new PatternError(`error parsing regexp: invalid UTF-8: \`${decodeLossy(source)}\``);
    }
    const known = this.#patterns.get(text);
    if (known !== undefined) return known;

    this.#bytes += source.length;
    const total = 'all patterns of one subscription are';
    limit(total, this.#bytes, 'bytes long', MAX_PATTERN_BYTES_PER_SUBSCRIPTION);
    const instructions = estimateProgramSize(text);
    limit('pattern needs', instructions, 'instructions', MAX_PROGRAM_INSTRUCTIONS);
    this.#instructions += instructions;
    limit(
      'all patterns of one subscription need',
      this.#instructions,
      'instructions',
      MAX_INSTRUCTIONS_PER_SUBSCRIPTION,
    );
    const pattern = compileShared(text, instructions);
    this.#patterns.set(text, pattern);
    return pattern;
  }
}

/**
 * Compiled patterns in use by any subscription. Subscriptions share them because a pattern caches
 * the states that matching discovers, up to megabytes. References are weak, so a pattern lives
 * exactly as long as a filter holds it.
 */
const inUse = new Map<string, WeakRef<Pattern>>();
const collected = new FinalizationRegistry<string>((text) => {
  if (inUse.get(text)?.deref() === undefined) inUse.delete(text);
});

function compileShared(text: string, instructions: number): Pattern {
  const known = inUse.get(text)?.deref();
  if (known !== undefined) return known;
  const pattern = compile(text, instructions);
  inUse.set(text, new WeakRef(pattern));
  collected.register(pattern, text);
  return pattern;
}

function compile(text: string, instructions: number): Pattern {
  try {
    return new Pattern(text, instructions, RE2JS.compile(text));
  } catch (error) {
    if (error instanceof RE2JSException) throw new PatternError(error.message);
    throw error;
  }
}

/** re2js has no option for it, and 8 MiB by default, which many patterns multiply. */
function boundStateCache({ re2Input: { dfa } }: RE2JS, instructions: number): void {
  const { perInstruction, least, most } = STATE_CACHE_BYTES;
  const bytes = Math.min(Math.max(instructions * perInstruction, least), most);
  dfa.maxMem = bytes;
  dfa.stateBudget = bytes;
  dfa.memBudget = bytes;
}

function limit(subject: string, actual: number, unit: string, max: number): void {
  if (actual > max) throw new PatternError(`${subject} ${actual} ${unit}, the limit is ${max}`);
}
