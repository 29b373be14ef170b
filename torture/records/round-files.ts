/** File names of a round's records. */
export const BROKER_FILE = 'broker.jsonl';
export const LAST_WAITS_FILE = 'last-waits.jsonl';

/** The first letter of a client's name says its kind. */
export type ClientKind = 'publisher' | 'reader' | 'crowd' | 'waiter';

export function clientFile(kind: ClientKind, name: string): string {
  return `${kind}-${name}.jsonl`;
}

export function historyFile(lineage: number): string {
  return `history-${lineage}.jsonl`;
}
