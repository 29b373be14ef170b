/** Faults whose texts differ in numbers only. */
export interface FaultKind {
  readonly kind: string;
  readonly count: number;
  /** The first faults of the kind. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;

/** Groups faults by their kinds, so that many of one kind do not hide the others. Rarest first. */
export function kindsOf(faults: readonly string[]): FaultKind[] {
  const kinds = new Map<string, string[]>();
  for (const fault of faults) {
    const kind = fault.replaceAll(/\d+/g, 'N');
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, [fault]);
    else known.push(fault);
  }
  return [...kinds]
    .map(([kind, all]) => ({ kind, count: all.length, examples: all.slice(0, EXAMPLES) }))
    .sort((a, b) => a.count - b.count);
}
