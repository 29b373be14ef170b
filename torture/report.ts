import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict, Violation } from './validators/verdict.js';
import type { LineRef } from './records/record-reader.js';

/**
 * Limits on what is shown: violations of one validator, lines of each, and characters of a line.
 */
const SHOWN = { violations: 5, lines: 6, characters: 240 };

/**
 * Returns one line for each validator, followed by its violations and the records that show them.
 */
export function reportLines(verdicts: readonly Verdict[], directory: string): string[] {
  return verdicts.flatMap(({ name, scope, violations }) => {
    const result = violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`;
    const shown = violations.slice(0, SHOWN.violations);
    return [
      `  ${name.padEnd(16)} ${result.padEnd(4)} ${scope}`,
      ...shown.flatMap((violation) => violationLines(violation, directory)),
    ];
  });
}

function violationLines({ text, refs }: Violation, directory: string): string[] {
  const shown = refs.slice(0, SHOWN.lines).map((ref) => `      ${lineText(ref, directory)}`);
  return [`    ${text}`, ...shown];
}

function lineText({ file, line }: LineRef, directory: string): string {
  const text = readFileSync(join(directory, file), 'utf8').split('\n')[line - 1] ?? '';
  return `${file}:${line} ${text.slice(0, SHOWN.characters)}`;
}
