import { escapeControls } from '../../protocol/escape-controls.js';
import { excerpt } from '../../protocol/excerpt.js';

/** The kinds of lines, as the field `audit` names them. */
export type AuditKind =
  | 'started'
  | 'stopped'
  | 'rules'
  | 'identified'
  | 'unidentified'
  | 'allowed'
  | 'denied'
  | 'limited'
  | 'changed';

/** A line without its time. The subject is the caller's name, or an address without one. */
export interface AuditFields {
  readonly audit: AuditKind;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly [field: string]: string | number | undefined;
}

/** How often a line has been repeated since it was written. */
export interface Repeats {
  count: number;
}

/** Lines of one kind and subject in a period; the rest is only counted. */
const MAX_OF_SUBJECT: Partial<Record<AuditKind, number>> = { changed: 1000 };
const MAX_OF_SUBJECT_OTHERWISE = 100;
/** Lines of one kind in a period. Addresses cost an attacker less than identities. */
const MAX_OF_KIND: Partial<Record<AuditKind, number>> = { unidentified: 1000 };
const MAX_OF_KIND_OTHERWISE = 10_000;

/** Longest value of a field, in UTF-16 units. */
const MAX_VALUE = 256;

interface Written {
  readonly fields: AuditFields;
  lines: number;
  leftOut: number;
}

/**
 * Writes lines as JSON. A line is written when it first happens in a period; the period's end
 * writes it once more with the number of its repetitions. No caller can cause more lines than the
 * limits above.
 */
export class AuditLines {
  #repeated = new Map<string, { readonly fields: AuditFields; readonly repeats: Repeats }>();
  #written = new Map<string, Written>();

  constructor(private readonly write: (line: string) => void) {}

  /** Writes a line, or counts it as a repetition. Callers may count further ones in the result. */
  repeatable(fields: AuditFields): Repeats {
    const key = JSON.stringify(fields);
    const known = this.#repeated.get(key);
    if (known !== undefined) {
      known.repeats.count += 1;
      return known.repeats;
    }
    const repeats = { count: 0 };
    // One that is left out is not kept, so that callers cannot fill the memory either.
    if (this.once(fields)) this.#repeated.set(key, { fields, repeats });
    return repeats;
  }

  /** Writes a line, unless there are too many; returns whether it did. */
  once(fields: AuditFields): boolean {
    const { audit, name, address } = fields;
    const ofKind = this.#writtenOf({ audit });
    if (ofKind.lines >= (MAX_OF_KIND[audit] ?? MAX_OF_KIND_OTHERWISE)) {
      ofKind.leftOut += 1;
      return false;
    }
    const subject = name === undefined ? { audit, address } : { audit, name };
    const ofSubject = this.#writtenOf(subject);
    if (ofSubject.lines >= (MAX_OF_SUBJECT[audit] ?? MAX_OF_SUBJECT_OTHERWISE)) {
      ofSubject.leftOut += 1;
      return false;
    }
    ofKind.lines += 1;
    ofSubject.lines += 1;
    this.#writeLine(fields);
    return true;
  }

  /** Ends a period: writes how often its lines were repeated, and how many were left out. */
  endPeriod(): void {
    const [repeated, written] = [this.#repeated, this.#written];
    this.#repeated = new Map();
    this.#written = new Map();
    for (const { fields, repeats } of repeated.values()) {
      if (repeats.count > 0) this.#writeLine({ ...fields, repeated: repeats.count });
    }
    for (const { fields, leftOut } of written.values()) {
      if (leftOut > 0) this.#writeLine({ ...fields, leftOut });
    }
  }

  #writtenOf(fields: AuditFields): Written {
    const key = JSON.stringify(fields);
    let written = this.#written.get(key);
    if (written === undefined) this.#written.set(key, (written = { fields, lines: 0, leftOut: 0 }));
    return written;
  }

  #writeLine(fields: AuditFields): void {
    const cut = Object.entries(fields).map(([field, value]) => [
      field,
      typeof value === 'string' ? excerpt(value, MAX_VALUE) : value,
    ]);
    const line = Object.fromEntries([['time', new Date().toISOString()], ...cut]) as object;
    this.write(`${escapeControls(JSON.stringify(line))}\n`);
  }
}
