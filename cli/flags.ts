import { InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../protocol/clock.js';
import { FoghornError } from '../protocol/errors.js';
import { durationText, parseDuration, parseTime } from './format/time.js';
import { say, type Terminal } from './terminal.js';

/**
 * A flag whose value is parsed by `parse`; a FoghornError of `parse` becomes a usage error. Without
 * `parse` it takes any text but an empty one, which is an unset variable of a script.
 */
export function flag(
  flags: string,
  description: string,
  parse: (text: string) => unknown = parseText,
): Option {
  return new Option(flags, description).argParser((text: string) => usage(() => parse(text)));
}

/** A flag that may be repeated or hold several values separated by commas; undefined if absent. */
export function listFlag(
  flags: string,
  description: string,
  parse: (text: string) => string = (text) => text,
): Option {
  return new Option(flags, description).argParser((text: string, previous?: string[]) => [
    ...(previous ?? []),
    ...text.split(',').map((part) => usage(() => parse(part))),
  ]);
}

/** A flag that may be repeated; values may contain commas. Undefined if absent. */
export function repeatedFlag(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, previous?: string[]) => [
    ...(previous ?? []),
    text,
  ]);
}

/** Returns the text. Throws INVALID_ARGUMENT for an empty one. */
export function parseText(text: string): string {
  if (text !== '') return text;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected a value that is not empty.');
}

/** The values of an argument that takes several; none may be empty. */
export function textArguments(text: string, previous: readonly string[] = []): string[] {
  return [...previous, usage(() => parseText(text))];
}

/** Names directories with the user's own `.proto` files. */
export function protoFlag(): Option {
  return listFlag(
    '--proto <DIR>',
    'directory with .proto files of your own payload types (repeatable, or separate with commas)',
  ).env('FOGHORN_PROTO');
}

/** A time, see `parseTime`. Its value is nanoseconds since 1970. */
export function timeFlag(flags: string, description: string): Option {
  return flag(flags, description, (text) => parseTime(text, systemClock()));
}

/**
 * Throws INVALID_ARGUMENT for a range that ends before it begins. Warns of one that begins in the
 * future, and so holds nothing yet.
 */
export function checkRange(
  { since, until }: { readonly since?: bigint; readonly until?: bigint },
  terminal: Terminal,
): void {
  if (since === undefined) return;
  if (until !== undefined && until < since) {
    throw new FoghornError('INVALID_ARGUMENT', '--until: expected a time after --since');
  }
  const now = systemClock();
  if (since <= now) return;
  const span = durationText(since - now);
  say(terminal, `warning: --since is in the future, in ${span}; nothing before it is shown`);
}

/** A whole number, 1 or more. */
export function countFlag(flags: string, description: string): Option {
  return flag(flags, description, parseCount);
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected a whole number of 1 or more.');
}

/** The exit code of a process, 0 to 255, or what a platform reports beyond. */
export function parseExitCode(text: string): number {
  const code = Number(text);
  if (/^\d+$/.test(text) && code < 2 ** 32) return code;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected an exit code such as 0 or 137.');
}

/** A duration above 0. Its value is nanoseconds. */
export function durationFlag(flags: string, description: string): Option {
  return flag(flags, description, parseSpan);
}

export function parseSpan(text: string): bigint {
  const span = parseDuration(text);
  if (span > 0n) return span;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    'Expected a duration above 0, such as 30s, 12h or 7d.',
  );
}

/** A directory that keeps events until the broker can be reached. */
export function spoolFlag(description: string): Option {
  return flag('--spool <DIR>', description).env('FOGHORN_SPOOL');
}

/** Returns what `parse` returns; its FoghornError becomes a usage error. */
export function usage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FoghornError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
