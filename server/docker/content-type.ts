import { isOlder } from './api-version.js';

/** How the events of an answer are told apart: each ends with a newline, and in a JSON sequence (RFC 7464) begins with 0x1E. */
export type Framing = 'newline' | 'json-seq';

/** What the answer to GET /events looks like. */
export interface EventStreamFormat {
  readonly contentType: string;
  readonly framing: Framing;
}

const JSON_SEQ = 'application/json-seq';

/** Best first, for a client to which they are equal. */
const OFFERS = ['application/jsonl', 'application/x-ndjson', JSON_SEQ] as const;

/** @param accept the header's value; lines of it joined by commas, as Node does */
export function eventStreamFormat(
  apiVersion: string,
  accept: string | undefined,
): EventStreamFormat {
  const byDefault = isOlder(apiVersion, '1.52') ? 'application/json' : 'application/jsonl';
  const contentType = matchAccept(accept, OFFERS) ?? byDefault;
  return { contentType, framing: contentType === JSON_SEQ ? 'json-seq' : 'newline' };
}

/**
 * The offer that `Accept` gives the highest quality, the first of them if there are several. It has to be named: dockerd 29.0
 * heeded wildcards, too, which changed the type for clients that had never asked for another one.
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

/** Media type → quality. What is not understood is passed over, for there is always a type to answer with. */
function acceptedTypes(accept: string): ReadonlyMap<string, number> {
  const qualities = new Map<string, number>();
  for (const item of accept.split(',')) {
    const { type, quality = '1' } = ACCEPTED.exec(item)?.groups ?? {};
    if (type === undefined) continue;
    qualities.set(type, Math.max(qualities.get(type) ?? 0, Number(quality)));
  }
  return qualities;
}
