import type { DockerEventFields } from '../../protocol/docker-event.js';
import { compileTests, exactValues, PREFIX_KEYS } from './event-tests.js';
import { parseFilterValues, type FilterValues } from './filter-values.js';
import { parseLabelFilter } from './label-filter.js';
import { idBehind } from './shown-id.js';

/** The `filters` of GET /events, compiled. */
export interface EventFilters {
  matches(event: DockerEventFields): boolean;
  /**
   * Index hint: an event that passes has an id or a name (the attribute) that begins with one of
   * these. Undefined if there is no such hint; never contains ''.
   */
  readonly prefixes: readonly string[] | undefined;
  /**
   * The id of every event that passes, if the filters ask for a single full id: 64 hexadecimal
   * digits, which are never a name or the beginning of another id.
   */
  readonly fullId: string | undefined;
  /** Index hint: an event that passes has this attribute with this value. */
  readonly label: { readonly name: string; readonly value: string } | undefined;
  /** Whether an event of a type and with an action can pass, by these two alone. */
  mayPass(type: string, action: string): boolean;
  /** Whether only events of type container can pass. */
  readonly containersOnly: boolean;
  /** Whether descriptions of containers pass as well. */
  readonly includesDescriptions?: boolean;
}

/** Keys that look at the type and the action of an event alone. */
const KIND_KEYS = new Set(['type', 'event']);

const NO_EVENT: DockerEventFields = {
  type: '',
  action: '',
  actorId: '',
  attributes: new Map(),
  scope: '',
  timeNano: 0n,
};

/** Parses the text of `filters`; without a text, everything passes. Throws INVALID_ARGUMENT. */
export function parseEventFilters(text: string | undefined): EventFilters {
  const values = parseFilterValues(text);
  const byKey = compileTests(values);
  const tests = [...byKey.values()];
  const prefixes = prefixesOf(values);
  const ofKind = [...byKey].flatMap(([key, test]) => (KIND_KEYS.has(key) ? [test] : []));
  return Object.freeze({
    matches(event: DockerEventFields): boolean {
      for (const test of tests) if (!test(event)) return false;
      return true;
    },
    mayPass(type: string, action: string): boolean {
      return ofKind.every((test) => test({ ...NO_EVENT, type, action }));
    },
    prefixes,
    fullId: fullIdOf(prefixes),
    label: labelOf(values),
    containersOnly: isContainersOnly(values),
  });
}

/**
 * The values of the first key that has any. Containers come first, because most clients filter by
 * them.
 */
function prefixesOf(filters: FilterValues): EventFilters['prefixes'] {
  for (const key of PREFIX_KEYS) {
    const values = filters.get(key);
    if (values !== undefined && values.size > 0 && !values.has('')) {
      const hints = new Set([...values.keys()].map((value) => idBehind(value) ?? value));
      return Object.freeze([...hints]);
    }
  }
  return undefined;
}

const FULL_ID = /^[0-9a-f]{64}$/;

function fullIdOf(prefixes: EventFilters['prefixes'] = []): string | undefined {
  const [prefix = ''] = prefixes;
  return prefixes.length === 1 && FULL_ID.test(prefix) ? prefix : undefined;
}

function labelOf(filters: FilterValues): EventFilters['label'] {
  for (const text of filters.get('label')?.keys() ?? []) {
    const { name, value } = parseLabelFilter(text);
    if (value !== undefined) return Object.freeze({ name, value });
  }
  return undefined;
}

function isContainersOnly(filters: FilterValues): boolean {
  const values = filters.get('type');
  if (values === undefined || values.size === 0) return false;
  return [...exactValues(values)].every((type) => type === 'container');
}
