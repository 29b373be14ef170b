import { FoghornError } from '../../protocol/errors.js';
import { isValidInstant } from '../../protocol/rfc3339.js';
import { MAX_ENVELOPE_BYTES } from '../../protocol/limits.js';
import { checkSize } from '../encodable.js';
import { encodeTraced } from '../publish/event-frames.js';
import type { TracedEnvelope } from '../publish/publication.js';

/**
 * Encodes an envelope for the spool. Throws INVALID_ARGUMENT for one that the broker would refuse,
 * as far as the client can know: when the broker refuses it later, its publisher may be gone.
 */
export function encodeForSpool(envelope: TracedEnvelope): Uint8Array {
  const { topic, namespace, timestamp } = envelope;
  if (!topic.startsWith('/')) {
    throw invalid(`topic ${JSON.stringify(topic)}: expected a path such as /tasks/exit`);
  }
  if (namespace === '') throw invalid('namespace: expected a name');
  if (timestamp === undefined || !isValidInstant(timestamp)) {
    throw invalid('timestamp: expected a time of the years 1 to 9999');
  }
  const bytes = encodeTraced(envelope);
  checkSize(bytes.length, MAX_ENVELOPE_BYTES);
  return bytes;
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', text);
}
