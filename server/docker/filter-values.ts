import { FoghornError } from '../../protocol/errors.js';
import { MAX_DOCKER_FILTER_VALUES } from '../../protocol/limits.js';

/**
 * A request's `filters`: key → value → the boolean beside it, which is true in the spelling
 * without one.
 */
export type FilterValues = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

/**
 * Parses `filters`, a JSON object in one of two spellings: `{"event":{"die":true}}`, as Go's
 * clients send, or `{"event":["die"]}`. Absent or empty text means no filter. Throws
 * INVALID_ARGUMENT.
 */
export function parseFilterValues(text = ''): FilterValues {
  const keys = text === '' ? null : parseJson(text);
  if (keys === null) return new Map();
  const values = isObject(keys) ? (readAll(keys, fromMap) ?? readAll(keys, fromList)) : undefined;
  if (values === undefined) throw invalidFilter();
  checkCount(values);
  return values;
}

function checkCount(filters: FilterValues): void {
  let count = 0;
  for (const values of filters.values()) count += values.size;
  if (count > MAX_DOCKER_FILTER_VALUES) {
    throw invalidFilter(`: ${count} values, the limit is ${MAX_DOCKER_FILTER_VALUES}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidFilter();
  }
}

type AskedValues = Map<string, boolean>;

/** Returns undefined unless all of it is in this spelling. */
function readAll(
  keys: object,
  read: (values: unknown) => AskedValues | undefined,
): FilterValues | undefined {
  const all = new Map<string, AskedValues>();
  for (const [key, spelled] of Object.entries(keys)) {
    const values = spelled === null ? new Map<string, boolean>() : read(spelled);
    if (values === undefined) return undefined;
    all.set(key, values);
  }
  return all;
}

function fromMap(spelled: unknown): AskedValues | undefined {
  if (!isObject(spelled)) return undefined;
  const values: AskedValues = new Map();
  for (const [value, flag] of Object.entries(spelled)) {
    if (typeof flag !== 'boolean' && flag !== null) return undefined;
    values.set(value, flag === true);
  }
  return values;
}

function fromList(spelled: unknown): AskedValues | undefined {
  if (!Array.isArray(spelled)) return undefined;
  const values: AskedValues = new Map();
  for (const value of spelled as unknown[]) {
    if (typeof value !== 'string' && value !== null) return undefined;
    // In Go, null decodes to the zero value of the expected type.
    values.set(value ?? '', true);
  }
  return values;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalidFilter(reason = ''): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', `invalid filter${reason}`);
}
