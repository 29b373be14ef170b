import { RE2JS, RE2JSException } from 're2js';

import {
  MAX_PATTERN_BYTES,
  MAX_PATTERN_BYTES_PER_SUBSCRIPTION,
  MAX_PROGRAM_INSTRUCTIONS,
} from './limits.js';
import { estimateProgramSize } from './program-size.js';
import { decodeLossy, decodeStrict } from './utf8.js';

/** A rejected regular expression; the message is the reason. */
export class PatternError extends Error {}

/** The distinct regular expressions of one subscription, in RE2 syntax, matched in linear time. */
export class PatternSet {
  readonly #patterns = new Map<string, RE2JS>();
  #bytes = 0;

  /** @throws PatternError if the pattern is invalid or exceeds a limit */
  compile(source: Uint8Array): RE2JS {
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
    const pattern = compileShared(text);
    this.#patterns.set(text, pattern);
    return pattern;
  }
}

/**
 * Compiled patterns in use by any subscription. Subscriptions share them because a pattern caches
 * the states that matching discovers, up to megabytes. References are weak, so a pattern lives
 * exactly as long as a filter holds it.
 */
const inUse = new Map<string, WeakRef<RE2JS>>();
const collected = new FinalizationRegistry<string>((text) => {
  if (inUse.get(text)?.deref() === undefined) inUse.delete(text);
});

function compileShared(text: string): RE2JS {
  const known = inUse.get(text)?.deref();
  if (known !== undefined) return known;
  const pattern = compile(text);
  inUse.set(text, new WeakRef(pattern));
  collected.register(pattern, text);
  return pattern;
}

function compile(text: string): RE2JS {
  const instructions = estimateProgramSize(text);
  limit('pattern needs', instructions, 'instructions', MAX_PROGRAM_INSTRUCTIONS);
  try {
    return RE2JS.compile(text);
  } catch (error) {
    if (error instanceof RE2JSException) throw new PatternError(error.message);
    throw error;
  }
}

function limit(subject: string, actual: number, unit: string, max: number): void {
  if (actual > max) throw new PatternError(`${subject} ${actual} ${unit}, the limit is ${max}`);
}
