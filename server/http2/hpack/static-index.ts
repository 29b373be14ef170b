import type { HeaderField } from '../header-field.js';
import { STATIC_TABLE } from './static-table.js';

/** Entries of the static table by name, the first of each name first. */
const INDICES_BY_NAME: ReadonlyMap<string, readonly number[]> = STATIC_TABLE.reduce(
  (indices, field, index) =>
    field === undefined
      ? indices
      : indices.set(field.name, [...(indices.get(field.name) ?? []), index]),
  new Map<string, number[]>(),
);

/** Index of an entry with that name; 0 if there is none. */
export function staticIndexOfName(name: string): number {
  return INDICES_BY_NAME.get(name)?.[0] ?? 0;
}

/** Index of the entry with that name and value; 0 if there is none. */
export function staticIndexOf({ name, value }: HeaderField): number {
  return INDICES_BY_NAME.get(name)?.find((index) => STATIC_TABLE[index]?.value === value) ?? 0;
}
