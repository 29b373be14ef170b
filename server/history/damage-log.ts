import type { Damage } from './store.js';

/** Damages that are remembered, and so reported once. */
const MAX_REMEMBERED = 1000;

/** Reports each damage of a history once, however often it is read. */
export class DamageLog {
  readonly #reported: Damage[] = [];

  /** @param warn called with a sentence for the operator */
  constructor(private readonly warn: (text: string) => void) {}

  readonly report = (damage: Damage): void => {
    if (this.#reported.length >= MAX_REMEMBERED || this.#isReported(damage)) return;
    this.#reported.push(damage);
    this.warn(`${damageText(damage)}; readers get a gap there and go on after it`);
  };

  #isReported({ from, to }: Damage): boolean {
    return this.#reported.some((known) => known.from <= from && to <= known.to);
  }
}

/** A clause that says which entries are damaged. */
export function damageText({ from, to }: Pick<Damage, 'from' | 'to'>): string {
  return from === to
    ? `entry ${from} is damaged and cannot be read`
    : `entries ${from} to ${to} are damaged and cannot be read (${to - from + 1} entries)`;
}
