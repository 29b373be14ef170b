import { FoghornError } from '../../../protocol/errors.js';

/** A value as text; nothing for an absent one. */
export function templateText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(templateText).join(' ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([name, each]) => `${name}:${templateText(each)}`);
    return `map[${members.join(' ')}]`;
  }
  const isPlain =
    typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
  return isPlain ? String(value) : '';
}

export function invalidTemplate(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', `--format: ${text}`);
}
