import type { Random } from '../random.js';

export const NAMESPACES = ['a1', 'a2', 'a.prod', 'b1', 'b2', 'shared'] as const;
export type Namespace = (typeof NAMESPACES)[number];

const PATTERNS = ['a*', 'b*', 'a1', 'a.prod', 'b2', 'shared', '*'] as const;

/** A caller, with the patterns of namespaces that it may publish to and read. */
export interface Tenant {
  readonly name: string;
  readonly publish: readonly string[];
  readonly read: readonly string[];
}

/** Makes callers with random rights; the first may do everything. */
export function makeTenants(count: number, random: Random): readonly Tenant[] {
  const some = (): string[] => PATTERNS.slice(0, -1).filter(() => random.chance(0.3));
  return Array.from({ length: count }, (_, index) => ({
    name: `caller-${index}`,
    publish: index === 0 ? ['*'] : some(),
    read: index === 0 ? ['*'] : some(),
  }));
}

/** Whether patterns cover a namespace: the model, apart from the broker's own sets. */
export function covers(patterns: readonly string[], namespace: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*')
      ? namespace.slice(0, pattern.length - 1) === pattern.slice(0, -1)
      : namespace === pattern,
  );
}

/** The access file that gives the callers their rights, by a role for each. */
export function accessFile(tenants: readonly Tenant[]): string {
  const list = (patterns: readonly string[]): string => JSON.stringify(patterns);
  const roles = tenants.map(
    ({ name, publish, read }) =>
      `  ${name}: { publish: ${list(publish)}, read: ${list(read)}, engine: [], admin: [] }`,
  );
  const grants = tenants.map(({ name }) => `  - { role: ${name}, to: [${name}] }`);
  return ['roles:', ...roles, 'grants:', ...grants, 'local: []', ''].join('\n');
}

/** The id of a container, which shows in any answer whose namespace it is of. */
export function containerIn(namespace: Namespace, number: number): string {
  return `secret-of-${namespace}-${number}`;
}

/** The namespaces whose containers a text names. */
export function namespacesNamed(text: string): Namespace[] {
  return NAMESPACES.filter((namespace) => text.includes(`secret-of-${namespace}-`));
}
