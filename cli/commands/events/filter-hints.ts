import { closest } from '../../closest.js';
import { selectorsOf } from './filter-selectors.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';

/** The fields of an envelope that filters see. */
const ROOTS: readonly string[] = ['namespace', 'topic', 'event'];

/** Warnings about a filter that the broker accepts, but that probably means something else. */
export function filterHints(filter: string, types: PayloadTypes): string[] {
  const selectors = selectorsOf(filter);
  const namesTopic = selectors.some(({ path, operator }) => path === 'topic' && operator === '==');
  return selectors.flatMap(({ path, operator }) => {
    const [root = '', field = ''] = path.split('.');
    if (root !== 'event') return ROOTS.includes(root) ? [] : [unknownRoot(path, types)];
    const owners = types.withField(field);
    if (owners.length === 0) return [unknownField(path, field, types)];
    if (operator === '!=' && !namesTopic) {
      return [
        `${path}!= also matches every event without this field, such as those of other types; add a topic, as in topic=="/tasks/exit",${path}!=…`,
      ];
    }
    return [];
  });
}

/**
 * The warning that no event can match, in a list: the flag --topic names another topic than every
 * filter that a flag like --failed stands for.
 *
 * @param ends filters that begin with their topic; none for no such flag
 */
export function contradictionHint(
  topic: string | undefined,
  ends: readonly string[],
): readonly string[] {
  if (topic === undefined || ends.length === 0) return [];
  const topics = new Set(ends.map((filter) => /^topic=="([^"]*)"/.exec(filter)?.[1] ?? ''));
  if (topics.has(topic)) return [];
  const expected = [...topics].join(', ');
  return [
    `nothing can match: the flags ask for ends of containers, which are of the topics ${expected}, and for the topic ${topic}`,
  ];
}

function unknownRoot(path: string, types: PayloadTypes): string {
  const field = path.split('.').at(-1) ?? '';
  const known = knownField(field, types);
  const hint =
    known === undefined ? `expected ${ROOTS.join(', ')}` : `did you mean event.${known}?`;
  return `no event has the field ${path}: ${hint}`;
}

function unknownField(path: string, field: string, types: PayloadTypes): string {
  const known = knownField(field, types);
  const hint = known === undefined ? 'see `foghorn types`' : `did you mean event.${known}?`;
  return `no known event type has the field ${path}, so only JSON payloads can match: ${hint}`;
}

/** The field that is probably meant: the name in snake case, or one much like it. */
function knownField(field: string, types: PayloadTypes): string | undefined {
  const snake = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return types.withField(snake).length > 0 ? snake : closest(snake, types.fieldNames());
}

/** A suggestion for filters that the broker refuses; undefined if their intent is not clear. */
export function syntaxHint(filters: readonly string[]): string | undefined {
  for (const filter of filters) {
    const [, path, operator, value] = /([\w.]+)\s*(==|!=)\s*([^",\s]+)/.exec(filter) ?? [];
    if (value === undefined || !/[^\w.-]/.test(value)) continue;
    return `a value with other characters than letters and digits needs quotes: '${path ?? ''}${operator ?? ''}"${value}"'`;
  }
  return undefined;
}
