import type { ReadOptions, ReadStart } from '../broker/read-options.js';
import { parseFilters } from '../filter/index.js';

/** Everything that happens in a namespace from now on. */
export function fromNowOn(namespace: string): ReadOptions {
  return { ...EVERYTHING, filter: filterOf(namespace), start: { kind: 'now' } };
}

/** What a namespace's history holds from a place on, or of that only what is filed under an id. */
export function heldIn(namespace: string, start: ReadStart, id: string | undefined): ReadOptions {
  return {
    ...EVERYTHING,
    filter: filterOf(namespace),
    scope: id === undefined ? undefined : idScope(namespace, id),
    start,
    stopWhenCaughtUp: true,
  };
}

const EVERYTHING = {
  scope: undefined,
  until: undefined,
  stopWhenCaughtUp: false,
  limit: Infinity,
  // Docker clients cannot be told of one.
  onGap: 'continue',
} as const satisfies Partial<ReadOptions>;

function idScope(namespace: string, id: string): ReadOptions['scope'] {
  return { key: { namespace, container: id }, lifecycleOnly: false };
}

function filterOf(namespace: string): ReadOptions['filter'] {
  return parseFilters([`namespace==${JSON.stringify(namespace)}`]);
}
