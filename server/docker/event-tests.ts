import type { DockerEventFields } from '../../protocol/docker-event.js';
import type { FilterValues } from './filter-values.js';
import { withoutTag } from '../../protocol/image-reference.js';
import { matchesLabels, parseLabelFilter } from './label-filter.js';
import { PrefixSet } from './prefix-set.js';
import { shownActorId } from './shown-id.js';

/** The test of one key of the filters. */
export type EventTest = (event: DockerEventFields) => boolean;

type TestedValues = NonNullable<ReturnType<FilterValues['get']>>;

/** Keys whose values are prefixes of an event's id or name, whatever its type. */
export const PREFIX_KEYS = [
  'container',
  'volume',
  'network',
  'daemon',
  'plugin',
  'service',
  'node',
  'secret',
  'config',
] as const;

const COMPILE: ReadonlyMap<string, (values: TestedValues) => EventTest> = new Map([
  ['type', compileType],
  ['event', compileAction],
  ['scope', compileScope],
  ...PREFIX_KEYS.map((key) => [key, compilePrefixes] as const),
  ['label', compileLabels],
  // The most expensive test is last.
  ['image', compileImage],
]);

/**
 * One test for each key that restricts anything, by its key. Keys that dockerd does not know
 * restrict nothing.
 */
export function compileTests(filters: FilterValues): ReadonlyMap<string, EventTest> {
  const tests = new Map<string, EventTest>();
  for (const [key, compile] of COMPILE) {
    const values = filters.get(key);
    if (values !== undefined && values.size > 0) tests.set(key, compile(values));
  }
  return tests;
}

/**
 * The values that are compared as a whole: one with `false` matches nothing. For prefixes, the
 * boolean does not count.
 */
export function exactValues(values: TestedValues): ReadonlySet<string> {
  return new Set([...values].flatMap(([value, flag]) => (flag ? [value] : [])));
}

function compileType(values: TestedValues): EventTest {
  const types = exactValues(values);
  return ({ type }) => types.has(type);
}

function compileScope(values: TestedValues): EventTest {
  const scopes = exactValues(values);
  return ({ scope }) => scopes.has(scope);
}

/** Actions that continue with a colon and free text. */
const OPEN_ENDED = ['health_status', 'exec_create', 'exec_start'];

/** If one value is such an action, all values are prefixes. */
function compileAction(values: TestedValues): EventTest {
  if (OPEN_ENDED.some((action) => values.has(action))) {
    const prefixes = new PrefixSet(values.keys());
    return ({ action }) => prefixes.matches(action);
  }
  const actions = exactValues(values);
  return ({ action }) => actions.has(action);
}

function compilePrefixes(values: TestedValues): EventTest {
  const prefixes = new PrefixSet(values.keys());
  return (event) =>
    prefixes.matches(shownActorId(event)) || prefixes.matches(event.attributes.get('name') ?? '');
}

/** Any attribute counts as a label: `exitCode=137` is one. */
function compileLabels(values: TestedValues): EventTest {
  const labels = [...values.keys()].map(parseLabelFilter);
  return ({ attributes }) => matchesLabels(labels, attributes);
}

function compileImage(values: TestedValues): EventTest {
  const images = exactValues(values);
  return ({ type, actorId, attributes }) => {
    const image = attributes.get(type === 'image' ? 'name' : 'image') ?? '';
    if (images.has(actorId) || images.has(image)) return true;
    return images.has(withoutTag(actorId)) || images.has(withoutTag(image));
  };
}
