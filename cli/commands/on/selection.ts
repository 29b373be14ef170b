import { FAILED_ENDS } from '../events/end-filters.js';

/** Sugar for filters. */
export interface EventSelection {
  readonly failed?: true;
  readonly topic?: string;
  readonly container?: string;
}

/**
 * The filters of a command line: each FILTER with everything that the flags ask for.
 *
 * @param namespace the only one whose events count; undefined for all
 */
export function filtersOf(
  filters: readonly string[],
  flags: EventSelection,
  namespace?: string,
): string[] {
  const { topic, container, failed } = flags;
  let selected = filters.length === 0 ? [''] : [...filters];
  if (namespace !== undefined) {
    selected = combine(selected, [`namespace==${JSON.stringify(namespace)}`]);
  }
  if (failed === true) selected = combine(selected, FAILED_ENDS);
  if (topic !== undefined) selected = combine(selected, [`topic==${JSON.stringify(topic)}`]);
  if (container !== undefined) {
    const id = JSON.stringify(container);
    const fields = ['event.container_id', 'event.id', 'event.actor_id'];
    selected = combine(
      selected,
      fields.map((field) => `${field}==${id}`),
    );
  }
  return selected.filter((filter) => filter !== '');
}

/** Every filter with every one of the others; a comma means "and". */
function combine(filters: readonly string[], others: readonly string[]): string[] {
  return filters.flatMap((filter) =>
    others.map((other) => (filter === '' ? other : `${filter},${other}`)),
  );
}
