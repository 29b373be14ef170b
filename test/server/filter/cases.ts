import { readFileSync } from 'node:fs';

/** Facts about containerd's filters as neutral data, shared with other implementations. */
interface CaseFile {
  readonly corpora: Readonly<Record<string, readonly FilteredObject[]>>;
  readonly cases: readonly Case[];
}

export type Case = MatchCase | ParseCase | ScanCase | UnquoteCase | OperatorStringCase;
export type FilteredObject = Readonly<Record<string, unknown>>;

interface Named {
  readonly name: string;
  readonly error?: true;
  readonly errorMessage?: string;
}
export interface MatchCase extends Named {
  readonly kind: 'match';
  readonly adaptor: 'record' | 'envelope' | 'flat';
  readonly presence?: 'non-empty' | 'always';
  readonly filter?: string;
  readonly filters?: readonly string[];
  readonly objects: string | readonly FilteredObject[];
  readonly expect: readonly number[];
  readonly note?: string;
}
export interface ParseCase extends Named {
  readonly kind: 'parse';
  readonly filter?: string;
  readonly filter_hex?: string;
  readonly selectors: readonly unknown[];
}
export interface ScanCase extends Named {
  readonly kind: 'scan';
  readonly filter: string;
  readonly tokens: readonly { token: string; pos: number; text: string; error?: string }[];
}
export interface UnquoteCase extends Named {
  readonly kind: 'unquote';
  readonly input: string;
  readonly expect: string;
  readonly expect_hex?: string;
}
export interface OperatorStringCase extends Named {
  readonly kind: 'operatorString';
  readonly operator: 'present' | 'equal' | 'notEqual' | 'matches';
  readonly expect: string;
}

const path = new URL('../../vectors/filters.json', import.meta.url);
const file = JSON.parse(readFileSync(path, 'utf8')) as CaseFile;

export const cases = file.cases;

export function casesOf<K extends Case['kind']>(kind: K): Extract<Case, { kind: K }>[] {
  return cases.filter((each): each is Extract<Case, { kind: K }> => each.kind === kind);
}

export function objectsOf({ objects }: MatchCase): readonly FilteredObject[] {
  return typeof objects === 'string' ? file.corpora[objects.replace('corpus:', '')]! : objects;
}
