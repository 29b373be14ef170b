/** One line of CSV as RFC 4180 has it, without its end. */
export function csvLine(values: readonly (string | number | undefined)[]): string {
  return values.map((value) => csvField(String(value ?? ''))).join(',');
}

/** Beginnings that a spreadsheet takes for a formula. */
const FORMULA = /^[=+@\t\r]|^-(?!\d)/;

function csvField(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
