/** The names of a round's records in its directory. */
export const BROKER_FILE = 'broker.jsonl';
export const LAST_WAITS_FILE = 'last-waits.jsonl';

/** Clients are told apart by what their names begin with. */
export type ClientKind = 'publisher' | 'reader' | 'crowd' | 'waiter';

export function clientFile(kind: ClientKind, name: string): string {
  return `${kind}-${name}.jsonl`;
}

export function historyFile(lineage: number): string {
  return `history-${lineage}.jsonl`;
}
