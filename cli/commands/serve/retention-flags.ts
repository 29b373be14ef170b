import { Option } from 'commander';
import { flag, parseCount, parseSpan } from '../../flags.js';
import { parseDuration } from '../../format/time.js';
import { parseSize } from '../../format/size.js';

/**
 * Values of `retentionFlags`. The word `none` is kept as a value, because an unset flag falls back
 * to the environment.
 */
export interface RetentionFlags {
  readonly retainAge: bigint | 'none';
  readonly retainBytes: number | 'none';
  readonly retainCount?: number | 'none';
  readonly retainExits: bigint | 'none';
  readonly retainExitsBytes: number | 'none';
  readonly retainHeld: number | 'none';
  readonly trustClock?: boolean;
}

/** Flags for the limits of the history; `none` turns a limit off. */
export function retentionFlags(): Option[] {
  return [
    limit('--retain-age <D>', 'keep events this long, such as 7d or 12h', parseSpan)
      .env('FOGHORN_RETAIN_AGE')
      .default(parseDuration('7d'), '7d'),
    limit('--retain-bytes <SIZE>', 'keep events up to this size, such as 512MiB', parseSize)
      .env('FOGHORN_RETAIN_BYTES')
      .default(parseSize('1GiB'), '1GiB'),
    limit('--retain-count <N>', 'keep this many events', parseCount).env('FOGHORN_RETAIN_COUNT'),
    limit(
      '--retain-exits <D>',
      'keep exits and descriptions of containers this long, after other events are gone',
      parseSpan,
    )
      .env('FOGHORN_RETAIN_EXITS')
      .default(parseDuration('30d'), '30d'),
    limit(
      '--retain-exits-bytes <SIZE>',
      'keep exits and descriptions of containers up to this size, such as 64MiB',
      parseSize,
    )
      .env('FOGHORN_RETAIN_EXITS_BYTES')
      .default(parseSize('512MiB'), '512MiB'),
    limit(
      '--retain-held <SIZE>',
      'let consumers with a hold keep events that they have not handled up to this size',
      parseSize,
    )
      .env('FOGHORN_RETAIN_HELD')
      .default(parseSize('2GiB'), '2GiB'),
    new Option(
      '--trust-clock',
      'remove events by age even if the clock differs from the newest event by more than a day',
    ).env('FOGHORN_TRUST_CLOCK'),
  ];
}

/** Returns the limits as the broker takes them; undefined means no limit. */
export function retentionOf(flags: RetentionFlags) {
  const { retainAge, retainBytes, retainCount, retainExits, retainExitsBytes } = flags;
  return {
    age: unlessNone(retainAge),
    bytes: unlessNone(retainBytes),
    entries: unlessNone(retainCount),
    lastingAge: unlessNone(retainExits),
    lastingBytes: unlessNone(retainExitsBytes),
  };
}

/** Returns the bytes that consumers may hold; undefined means no limit. */
export function heldLimitOf({ retainHeld }: RetentionFlags): number | undefined {
  return unlessNone(retainHeld);
}

function limit(flags: string, description: string, parse: (text: string) => unknown): Option {
  return flag(flags, `${description}, or none`, (text) => (text === 'none' ? text : parse(text)));
}

function unlessNone<T>(value: T | 'none' | undefined): T | undefined {
  return value === 'none' ? undefined : value;
}
