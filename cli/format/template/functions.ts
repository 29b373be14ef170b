import { fieldIn } from './fields.js';
import { invalidTemplate, templateText } from './text.js';

/** The functions of docker's templates; the last argument is the piped value. */
const FUNCTIONS: Readonly<Record<string, (...values: unknown[]) => unknown>> = {
  json: (value) => JSON.stringify(value ?? null),
  upper: (value) => templateText(value).toUpperCase(),
  lower: (value) => templateText(value).toLowerCase(),
  title: (value) => templateText(value).replace(/(^|\s)\S/g, (letter) => letter.toUpperCase()),
  join: (list, separator) =>
    Array.isArray(list) ? list.map(templateText).join(templateText(separator)) : '',
  split: (value, separator) => templateText(value).split(templateText(separator)),
  pad: (value, before, after) => {
    const text = templateText(value);
    return text === '' ? '' : ' '.repeat(count(before)) + text + ' '.repeat(count(after));
  },
  truncate: (value, length) => Array.from(templateText(value)).slice(0, count(length)).join(''),
  println: (...values) => `${values.map(templateText).join(' ')}\n`,
  print: (...values) => values.map(templateText).join(''),
  len: (value) =>
    typeof value === 'object' && value !== null
      ? Object.keys(value).length
      : Array.from(templateText(value)).length,
  index: (value, ...path) =>
    path.reduce<unknown>((found, name) => fieldIn(found, templateText(name)), value),
  eq: (one, ...others) => others.some((other) => templateText(one) === templateText(other)),
  ne: (one, other) => templateText(one) !== templateText(other),
  not: (value) => !isTrue(value),
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
};

export function isFunction(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name);
}

export function callFunction(name: string, values: readonly unknown[]): unknown {
  return FUNCTIONS[name]?.(...values);
}

export function functionNames(): string {
  return Object.keys(FUNCTIONS).join(', ');
}

/** Go's truth: empty texts, lists and maps, zero and nothing are false. */
export function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Longest padding, so that a mistyped number does not exhaust memory. */
const MAX_COUNT = 1000;

function count(value: unknown): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= MAX_COUNT) return number;
  throw invalidTemplate(`expected a number of 0 to ${MAX_COUNT}, got ${templateText(value)}`);
}
