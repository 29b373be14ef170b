import type { Output, UserEnvironment } from '../terminal.js';

/** ANSI codes that read well on light and dark terminals. Plain red is too dark on black. */
const CODES = { red: '1;31', green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;

export type Style = keyof typeof CODES;

/** Whether an output shows styles: a terminal that was not asked to do without (no-color.org). */
export function isStyled(output: Output, { env }: Pick<UserEnvironment, 'env'>): boolean {
  return output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** The text in a style. */
export function styled(text: string, style: Style | undefined): string {
  return style === undefined || text === '' ? text : `\u001b[${CODES[style]}m${text}\u001b[0m`;
}
