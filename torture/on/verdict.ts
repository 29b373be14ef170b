import { readFileSync } from 'node:fs';

/** A line that the command has written. */
export interface Notification {
  readonly container: string;
  readonly code: number;
}

export interface OnVerdict {
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
  /** Exits that were notified, and notifications beyond the first of each. */
  readonly notified: number;
  readonly duplicates: number;
}

/** The lines that the command has written to a file. */
export function notificationsIn(file: string): Notification[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [container = '', code] = line.split(' ');
    return { container, code: Number(code) };
  });
}

/**
 * Compares notifications with the exits that containers had. Containers without a known exit count
 * for neither.
 */
export function judge(
  codes: ReadonlyMap<string, number>,
  notifications: readonly Notification[],
): OnVerdict {
  const known = notifications.filter(({ container }) => codes.has(container));
  const notified = new Set(known.map(({ container }) => container));
  const failed = [...codes].filter(([, code]) => code !== 0);
  const missing = failed.filter(([container]) => !notified.has(container));
  const wrong = known.filter(({ container, code }) => codes.get(container) !== code || code === 0);
  return {
    missing: missing.map(([container, code]) => `${container} ended with ${code}: not notified`),
    wrong: wrong.map(({ container, code }) => `${container} was notified with ${code}`),
    notified: notified.size,
    duplicates: known.length - notified.size,
  };
}
