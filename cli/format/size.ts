import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  bytes: 1,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
};

/**
 * Parses a size such as `512MiB`, `1.5GB` or `4096` into bytes, 1 or more.
 *
 * @throws FoghornError INVALID_ARGUMENT
 */
export function parseSize(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (BYTES_PER_UNIT[unit.toLowerCase()] ?? NaN));
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `expected a size such as 512MiB, 1.5GiB or 2GB (KiB, MiB, GiB, TiB count in 1024s; KB, MB, GB, TB in 1000s), got ${quotedExcerpt(text)}`,
  );
}

/** Formats a size for people: `512 bytes`, `1.0 GiB`. */
export function sizeText(bytes: bigint): string {
  let size = Number(bytes);
  let unit = 0;
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
