import type { FieldLookup } from '../../../server/filter/index.js';
import type { FilteredObject, MatchCase } from './cases.js';

/** Field lookup of a case's adaptor over one of its objects. */
export function lookupIn(object: FilteredObject, { adaptor, presence }: MatchCase): FieldLookup {
  if (adaptor === 'envelope') return (path) => envelopeField(object, path);
  if (adaptor === 'record') return (path) => recordField(object, path);
  return (path) => flatField(object, path, presence === 'always');
}

function recordField(object: FilteredObject, path: readonly string[]): string | undefined {
  const [name = '', ...rest] = path;
  if (name === 'labels') return label(object.labels, rest);
  return name === 'name' || name === 'other' ? nonEmpty(object[name]) : undefined;
}

function flatField(
  object: FilteredObject,
  path: readonly string[],
  emptyIsPresent: boolean,
): string | undefined {
  const [name = '', ...rest] = path;
  if (name === 'labels' || name === 'annotations') return label(object[name], rest);
  const value = (object.fields as Record<string, string>)[path.join('.')];
  return emptyIsPresent ? value : nonEmpty(value);
}

function envelopeField(object: FilteredObject, path: readonly string[]): string | undefined {
  const [name = '', ...rest] = path;
  if (name === 'namespace' || name === 'topic') return nonEmpty(object[name]);
  if (name !== 'event') return undefined;
  return messageField((object.event as FilteredObject | undefined)?.fields, rest);
}

/**
 * A field of a decoded payload as containerd sees it: numbers, times, lists and Any values are
 * always absent. Foghorn's own lookup shows more fields, which these cases do not cover.
 */
function messageField(
  message: unknown,
  [name = '', ...rest]: readonly string[],
): string | undefined {
  if (!isObject(message) || 'type_url' in message) return undefined;
  const value = message[name];
  if (name === 'labels') return label(value, rest);
  if (typeof value === 'string') return nonEmpty(value);
  return typeof value === 'boolean' ? String(value) : messageField(value, rest);
}

function label(labels: unknown, key: readonly string[]): string | undefined {
  return isObject(labels) ? (labels[key.join('.')] as string | undefined) : undefined;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isObject(value: unknown): value is FilteredObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
