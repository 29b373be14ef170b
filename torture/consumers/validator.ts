import type { MemberRecord } from './records.js';

/** A time in which a member was stopped, and may have acted on leases that had run out. */
export interface StoppedSpan {
  readonly member: string;
  readonly from: number;
  readonly to: number;
}

export interface Observations {
  readonly records: readonly MemberRecord[];
  /** When a member's process was killed. */
  readonly killed: ReadonlyMap<string, number>;
  readonly stopped: readonly StoppedSpan[];
  /** Number of the last event of each container whose publication was acknowledged. */
  readonly published: ReadonlyMap<string, number>;
}

/** One delivery as its member saw it. */
interface Handling extends MemberRecord {
  readonly end: number;
  readonly isHandled: boolean;
  /** The member may have lost its lease meanwhile. */
  readonly isExcused: boolean;
}

export interface Verdict {
  readonly faults: readonly string[];
  readonly deliveries: number;
  readonly repeated: number;
  readonly excused: number;
}

/** Checks that events were handled, one member at a time, and in order of each container. */
export function validate(observations: Observations): Verdict {
  const handlings = handlingsOf(observations);
  const faults: string[] = [];
  const byContainer = new Map<string, Handling[]>();
  for (const handling of handlings) {
    const known = byContainer.get(handling.container);
    if (known === undefined) byContainer.set(handling.container, [handling]);
    else known.push(handling);
  }
  for (const [container, last] of observations.published) {
    const own = byContainer.get(container) ?? [];
    const handled = new Set(own.filter(({ isHandled }) => isHandled).map(({ number }) => number));
    for (let number = 1; number <= last; number++) {
      if (!handled.has(number)) faults.push(`${container} ${number} was never handled`);
    }
    faults.push(...orderFaults(own), ...overlaps(own));
  }
  const distinct = new Set(handlings.map(({ container, number }) => `${container} ${number}`));
  return {
    faults,
    deliveries: handlings.length,
    repeated: handlings.length - distinct.size,
    excused: handlings.filter(({ isExcused }) => isExcused).length,
  };
}

function handlingsOf({ records, killed, stopped }: Observations): Handling[] {
  const ends = new Map(
    records
      .filter(({ kind }) => kind !== 'begun')
      .map((record) => [keyOf(record), record] as const),
  );
  return records
    .filter(({ kind }) => kind === 'begun')
    .map((record) => {
      const end = ends.get(keyOf(record));
      const time = end?.time ?? killed.get(record.member) ?? record.time;
      const isExcused = stopped.some(
        ({ member, from, to }) => member === record.member && record.time < to && time > from,
      );
      return { ...record, end: time, isHandled: end?.kind === 'handled', isExcused };
    })
    .sort((a, b) => a.time - b.time);
}

function keyOf({ member, cursor, attempt }: MemberRecord): string {
  return `${member} ${cursor} ${attempt}`;
}

/** An event that began before all earlier ones were handled, or again after a later one. */
function orderFaults(handlings: readonly Handling[]): string[] {
  const faults: string[] = [];
  let latest = 0;
  const firstHandled = new Map<number, number>();
  for (const { isHandled, number, end } of handlings) {
    if (isHandled) firstHandled.set(number, Math.min(end, firstHandled.get(number) ?? Infinity));
  }
  for (const { container, number, time, isExcused, member } of handlings) {
    if (isExcused) continue;
    if (number < latest) faults.push(`${container} ${number} began after ${latest} (${member})`);
    latest = Math.max(latest, number);
    if (number > 1 && (firstHandled.get(number - 1) ?? Infinity) > time) {
      faults.push(`${container} ${number} began before ${number - 1} was handled (${member})`);
    }
  }
  return faults;
}

/** Two members with an event of one container at once. */
function overlaps(handlings: readonly Handling[]): string[] {
  const faults: string[] = [];
  let before: Handling | undefined;
  for (const handling of handlings) {
    if (handling.isExcused) continue;
    if (before !== undefined && handling.time < before.end) {
      faults.push(
        `${handling.container}: ${handling.member} began ${handling.number} while ` +
          `${before.member} had ${before.number}`,
      );
    }
    if (before === undefined || handling.end > before.end) before = handling;
  }
  return faults;
}
