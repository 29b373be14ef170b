import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { parseGoDuration } from '../../protocol/go-duration.js';
import { parseRfc3339 } from '../../protocol/rfc3339.js';
import type { DockerEventFields } from '../../protocol/docker-event.js';
import type { EventFilters } from './event-filters.js';
import { parseEventQuery, type EventQuery } from './event-query.js';
import { parseFilterValues, type FilterValues } from './filter-values.js';
import { shownActorId } from './shown-id.js';

const NANOS_PER_SECOND = 1_000_000_000n;

/** Keys of Podman's filters. It refuses all others. */
const FILTER_KEYS: readonly string[] = [
  'container',
  'event',
  'image',
  'label',
  'pod',
  'type',
  'volume',
];

const UNIX_TIME = /^-?\d+(?:\.\d*)?$/;
const LOCAL_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?))?$/;

/**
 * Parses the parameters of Podman's own events. They are Docker's, with times that Podman's clients
 * do not convert, and Podman's name of a die. Throws INVALID_ARGUMENT.
 */
export function parseLibpodQuery(parameters: URLSearchParams, now: bigint): EventQuery {
  const converted = new URLSearchParams(parameters);
  for (const name of ['since', 'until'] as const) {
    const text = parameters.get(name) ?? '';
    if (text !== '') converted.set(name, unixTime(name, text, now));
  }
  const values = parseFilterValues(parameters.get('filters') ?? undefined);
  const unknown = [...values.keys()].find((key) => !FILTER_KEYS.includes(key));
  if (unknown !== undefined) {
    throw invalid(`filter ${quotedExcerpt(unknown)}: expected one of ${FILTER_KEYS.join(', ')}`);
  }
  converted.set('filters', dockerFilters(values));
  const query = parseEventQuery(converted, now);
  return { ...query, filters: withOwners(query.filters, values) };
}

function dockerFilters(values: FilterValues): string {
  const lists = [...values].map(([key, asked]) => {
    const texts = [...asked.keys()];
    return [key, key === 'event' ? texts.map((text) => (text === 'died' ? 'die' : text)) : texts];
  });
  return JSON.stringify(Object.fromEntries(lists));
}

/** In Podman's filters, a container or pod is its own name, or the beginning of its id. */
function withOwners(filters: EventFilters, values: FilterValues): EventFilters {
  const owners = ['container', 'pod'].flatMap((type) => {
    const references = [...(values.get(type)?.keys() ?? [])];
    return references.length === 0 ? [] : [{ type, references }];
  });
  if (owners.length === 0) return filters;
  const isOf = (event: DockerEventFields): boolean =>
    owners.every(
      ({ type, references }) =>
        type === event.type &&
        references.some(
          (reference) =>
            shownActorId(event).startsWith(reference) || event.attributes.get('name') === reference,
        ),
    );
  return { ...filters, matches: (event) => isOf(event) && filters.matches(event) };
}

/** Returns seconds since 1970, with a fraction. */
function unixTime(parameter: 'since' | 'until', text: string, now: bigint): string {
  if (UNIX_TIME.test(text)) return text;
  const duration = parseGoDuration(text);
  if (duration !== undefined) {
    return unixText(parameter === 'since' ? now - duration : now + duration);
  }
  const [, date, time = '00'] = LOCAL_TIME.exec(text) ?? [];
  const complete =
    date === undefined ? text : `${date}T${time}${':00'.repeat(3 - time.split(':').length)}Z`;
  const instant = parseRfc3339(complete);
  if (instant !== undefined) {
    return unixText(instant.seconds * NANOS_PER_SECOND + BigInt(instant.nanos));
  }
  const expected = 'expected unix time, RFC 3339 or a duration such as 10m';
  throw invalid(`'${parameter}': ${expected}, got ${quotedExcerpt(text)}`);
}

function unixText(nanos: bigint): string {
  if (nanos < 0n) return '0';
  const fraction = String(nanos % NANOS_PER_SECOND).padStart(9, '0');
  return `${nanos / NANOS_PER_SECOND}.${fraction}`;
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', `invalid value for ${text}`);
}
