import { isOlder } from './api-version.js';

/**
 * The framing of events: each ends with a newline, and in a JSON sequence (RFC 7464) begins with
 * 0x1E.
 */
export type EventFraming = 'newline' | 'json-seq';

/** The format of the answer to GET /events. */
export interface EventStreamFormat {
  readonly contentType: string;
  readonly framing: EventFraming;
}

const JSON_SEQ = 'application/json-seq';

/** Preferred formats first, for a client that accepts several equally. */
const OFFERS = ['application/jsonl', 'application/x-ndjson', JSON_SEQ] as const;

/** @param accept the header's value; Node joins its lines with commas */
export function eventStreamFormat(
  apiVersion: string,
  accept: string | undefined,
): EventStreamFormat {
  const byDefault = isOlder(apiVersion, '1.52') ? 'application/json' : 'application/jsonl';
  const contentType = matchAccept(accept, OFFERS) ?? byDefault;
  return { contentType, framing: contentType === JSON_SEQ ? 'json-seq' : 'newline' };
}

/**
 * The offer with the highest quality in `Accept`; the first of several. The header has to name the
 * type: dockerd 29.0 accepted wildcards too, which changed the type for clients that had never
 * asked for another one.
 */
export function matchAccept(accept = '', offers: readonly string[]): string | undefined {
  const qualities = acceptedTypes(accept);
  let best: string | undefined;
  let bestQuality = 0;
  for (const offer of offers) {
    const quality = qualities.get(offer) ?? 0;
    if (quality > bestQuality) [best, bestQuality] = [offer, quality];
  }
  return best;
}

const ACCEPTED = /^\s*(?<type>[^\s;]+)\s*(?:;\s*q=(?<quality>[01](?:\.\d*)?)\s*)?$/;

/** Media type → quality. Malformed parts are ignored, because there is always a default type. */
function acceptedTypes(accept: string): ReadonlyMap<string, number> {
  const qualities = new Map<string, number>();
  for (const item of accept.split(',')) {
    const { type, quality = '1' } = ACCEPTED.exec(item)?.groups ?? {};
    if (type === undefined) continue;
    qualities.set(type, Math.max(qualities.get(type) ?? 0, Number(quality)));
  }
  return qualities;
}
