import { FoghornError } from '../../../protocol/errors.js';
import { goQuote } from '../../events/go-text.js';

const MAX_LABEL_BYTES = 4096;
const QUOTED_KEY_BYTES = 64;

/** Containerd's reason to refuse a label; undefined for a valid one. */
export function labelProblem(key: string, value: string): string | undefined {
  const bytes = Buffer.byteLength(key) + Buffer.byteLength(value);
  if (bytes <= MAX_LABEL_BYTES) return undefined;
  const quoted = Buffer.from(key).subarray(0, QUOTED_KEY_BYTES).toString();
  return `label key and value length (${bytes} bytes) greater than maximum size (${MAX_LABEL_BYTES} bytes), key: ${quoted}: invalid argument`;
}

/** Labels to set; an empty value removes a label. */
type LabelChanges = Map<string, string>;

/**
 * The changes of an update that names fields. Throws INVALID_ARGUMENT for a field that is not a
 * label.
 */
export function maskedChanges(
  paths: readonly string[],
  labels: ReadonlyMap<string, string>,
): LabelChanges {
  const changes: LabelChanges = new Map();
  for (const path of paths) {
    if (!path.startsWith(LABELS)) {
      throw new FoghornError('INVALID_ARGUMENT', `cannot update ${goQuote(path)} field`);
    }
    const key = path.slice(LABELS.length);
    changes.set(key, labels.get(key) ?? '');
  }
  return changes;
}

const LABELS = 'labels.';

/** The changes of an update without a mask, which replaces all labels. */
export function replacingChanges(
  before: ReadonlyMap<string, string>,
  labels: ReadonlyMap<string, string>,
): LabelChanges {
  return new Map([...[...before.keys()].map((key) => [key, ''] as const), ...labels]);
}
