import type { Client } from '../../../client/index.js';
import { FoghornError } from '../../../protocol/errors.js';
import { isImage } from '../../../protocol/image-reference.js';
import { endsWithCode, FAILED_ENDS } from './end-filters.js';
import { selectorsOf } from './filter-selectors.js';
import type { ReadableEvent } from './readable-event.js';

/** Flags of `foghorn events` that select events, besides the filters. */
export interface EventSelectionFlags {
  readonly topic?: string;
  readonly failed?: true;
  readonly exitCode?: number;
  readonly image?: string;
  readonly label?: readonly string[];
}

/**
 * The filters that the flags and the user's filters stand for together. Each of the user's filters
 * is joined with each alternative of the flags.
 */
export function compiledFilters(
  filters: readonly string[],
  flags: EventSelectionFlags,
  namespace: string | undefined,
): string[] {
  const { topic } = flags;
  const selectors = [
    // The filter language understands all escapes of JSON strings.
    ...(namespace === undefined ? [] : [`namespace==${JSON.stringify(namespace)}`]),
    ...(topic === undefined ? [] : [`topic==${JSON.stringify(topic)}`]),
  ];
  const ends = endFilters(flags);
  const alternatives = ends.length === 0 ? [''] : ends;
  const given = filters.length === 0 ? [''] : filters;
  const joined = given.flatMap((filter) =>
    alternatives.map((end) => [...selectors, end, filter].filter((part) => part !== '').join(',')),
  );
  return joined.length === 1 && joined[0] === '' ? [...filters] : joined;
}

/** The filters that --failed or --exit-code stands for; none without them. */
export function endFilters({ failed, exitCode }: EventSelectionFlags): readonly string[] {
  if (exitCode !== undefined) return endsWithCode(exitCode);
  return failed === true ? FAILURES : [];
}

const FAILURES: readonly string[] = [...FAILED_ENDS, 'topic=="/tasks/oom"'];

/** Whether the user asks for certain topics, by the flag or in the filters. */
export function namesTopic({ topic }: EventSelectionFlags, filters: readonly string[]): boolean {
  const selectors = filters.flatMap(selectorsOf);
  return (
    topic !== undefined ||
    selectors.some(({ path, operator }) => path === 'topic' && ['==', '~='].includes(operator))
  );
}

/** Whether the container of an event fits the flags that filters cannot express. */
export function fitsContainer(
  { image, labels }: ReadableEvent,
  { image: wanted, label = [] }: EventSelectionFlags,
): boolean {
  if (wanted !== undefined && !isImage(image, wanted)) return false;
  return label.every((text) => {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    return Object.hasOwn(labels, name) && (at < 0 || labels[name] === text.slice(at + 1));
  });
}

/** A container that a reference names. */
export interface NamedContainer {
  readonly namespace: string;
  readonly id: string;
}

/**
 * The container that a name, an id or its beginning names. Of several, the one that is not removed,
 * or the newest, counts; undefined for none. Throws INVALID_ARGUMENT where several exist.
 */
export async function resolveContainer(
  client: Client,
  reference: string,
  namespace: string | undefined,
): Promise<NamedContainer | undefined> {
  const { containers } = await client.containers({ reference, namespace, includeRemoved: true });
  const existing = containers.filter(({ state }) => state !== 'removed');
  if (existing.length > 1) {
    const names = existing
      .slice(0, 5)
      .map((found) => `${found.namespace}/${found.id.slice(0, 12)}`);
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `container ${reference} is ambiguous: ${names.join(', ')}${existing.length > 5 ? ', …' : ''}; give more of the id, or -n NAMESPACE`,
    );
  }
  const [newest] = [...containers].sort((one, other) =>
    Number((other.createdAt ?? 0n) - (one.createdAt ?? 0n)),
  );
  return existing[0] ?? newest;
}
