import type { Found, Inspection } from './inspection.js';

type Opened = Extract<Inspection, { readonly kind: 'opened' }>;

/** How a damaged store compares with the same store when it was intact. */
export interface Comparison {
  /** Entries that were reported as damaged. */
  readonly reported: number;
  /** Violations: entries that are missing without a report, or are not what was stored. */
  readonly violations: readonly string[];
}

export function compare(intact: Opened, damaged: Opened): Comparison {
  const violations = [
    ...differences('all', intact.all, damaged.all),
    ...differences('lasting', intact.lasting, damaged.lasting),
    ...Object.entries(intact.byKey).flatMap(([key, found]) =>
      differences(JSON.stringify(key), found, damaged.byKey[key]!),
    ),
  ];
  if (damaged.appended <= intact.last) {
    violations.push(`offset ${damaged.appended} was used again`);
  }
  const reported = damaged.all.damages.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  return { reported, violations };
}

function differences(what: string, intact: Found, damaged: Found): string[] {
  const found = new Map(damaged.entries);
  const violations: string[] = [];
  const missing: number[] = [];
  for (const [offset, text] of intact.entries) {
    const now = found.get(offset);
    found.delete(offset);
    if (now === undefined && !isReported(offset, damaged)) missing.push(offset);
    else if (now !== undefined && now !== text) violations.push(`${what}: ${offset} is another`);
  }
  if (missing.length > 0) {
    const [first] = missing;
    violations.push(`${what}: ${missing.length} entries are missing unsaid, from ${first} on`);
  }
  if (found.size > 0) {
    const [first] = found.keys();
    violations.push(`${what}: ${found.size} entries were never stored, from ${first} on`);
  }
  return violations;
}

function isReported(offset: number, { damages }: Found): boolean {
  return damages.some(([from, to]) => from <= offset && offset <= to);
}
