import { parseCursor } from '../../server/events/cursor.js';
import type { ReaderLine } from '../records/lines.js';
import type { Recorded } from '../records/record-reader.js';
import { knownEntry } from './known-entry.js';
import type { Facts } from './known-entry.js';
import { reachedBy } from './leg.js';
import type { BeginLine, Break, Leg, Origin, LegStep } from './leg.js';

type Line = Recorded<ReaderLine>;

/** Returns the legs in a reader's record, in their order. */
export function legsOf(reader: string, lines: readonly Line[], facts: Facts): Leg[] {
  const builder = new LegBuilder(reader, facts);
  for (const line of lines) builder.add(line);
  return builder.legs;
}

type OpenLeg = Leg & { steps: LegStep[]; resumes: number; moves: number; break: Break | undefined };

class LegBuilder {
  readonly legs: OpenLeg[] = [];
  /** Number of the broker that it read from last. */
  #broker: number | undefined;

  constructor(
    private readonly reader: string,
    private readonly facts: Facts,
  ) {}

  add(line: Line): void {
    switch (line.kind) {
      case 'begin':
        this.#begin(line);
        break;
      case 'entries':
        for (const record of line.entries) {
          const entry = knownEntry(record, parseCursor(record[0]).offset, line.ref, this.facts);
          this.#add({ kind: 'entry', keptExit: line.keptExits, at: line.at, entry });
        }
        break;
      case 'gap':
        this.#gap(line);
        break;
      case 'failed':
        if (line.code === 'OUT_OF_RANGE') this.#refuse(line);
        break;
      case 'disconnected':
        this.#open(line).resumes += 1;
        break;
      default:
        // The position in an empty history.
        if (line.cursor !== '') this.#bookmark(line, line.kind, line.cursor);
    }
  }

  #begin(line: BeginLine): void {
    const { start, broker } = line;
    const current = this.legs.at(-1);
    const moved = this.#broker !== undefined && this.#broker !== broker;
    this.#broker = broker;
    if (!current || typeof start === 'string' || 'since' in start) {
      this.#push(line, start, line);
      return;
    }
    if (reachedBy(current) !== start.after) {
      throw new Error(`${line.ref.file}:${line.ref.line} resumes where the reader was not`);
    }
    current.resumes += 1;
    if (moved) current.moves += 1;
  }

  #bookmark({ at, ref }: Line, reason: 'progress' | 'caught up' | 'end', cursor: string): void {
    this.#add({ kind: 'bookmark', reason, cursor, offset: parseCursor(cursor).offset, at, ref });
  }

  #gap(line: Extract<Line, { kind: 'gap' }>): void {
    const { reason, from, cursor: to, at, ref } = line;
    const leg = this.#open(line);
    leg.break = { kind: 'gap', reason, from, to, lostAtMost: Number(line.lostAtMost), at, ref };
    this.#push(leg, { after: to }, line);
  }

  #refuse(line: Extract<Line, { kind: 'failed' }>): void {
    const leg = this.#open(line);
    const before = this.legs.at(-2);
    // A reader with the policy to fail at a gap may receive the gap first.
    const saidBefore = leg.steps.length === 0 && before?.break?.kind === 'gap';
    if (saidBefore && leg.ref === before.break?.ref) this.legs.pop();
    else leg.break = { kind: 'refused', message: line.message, at: line.at, ref: line.ref };
  }

  #push({ selection }: Pick<Leg, 'selection'>, origin: Origin, { at, ref }: Line): void {
    const { reader } = this;
    this.legs.push({
      ...{ reader, selection, origin, begunAt: at, ref },
      ...{ steps: [], resumes: 0, moves: 0, break: undefined },
    });
  }

  #add(step: LegStep): void {
    this.#open(step.kind === 'bookmark' ? step : step.entry).steps.push(step);
  }

  #open({ ref }: Pick<Line, 'ref'>): OpenLeg {
    const leg = this.legs.at(-1);
    if (!leg) throw new Error(`${ref.file}:${ref.line}: expected a line that begins before it`);
    return leg;
  }
}
