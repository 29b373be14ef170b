import type { Metadata } from '@grpc/grpc-js';
import type { IncomingHttpHeaders } from 'node:http2';

/**
 * The first value that a call's metadata has for a key: of several, it alone counts, as with containerd. Node joins
 * the values of a header that was sent more than once with a comma and a blank, which no value of ours contains.
 */
export function firstValue(metadata: Metadata, key: string): string | undefined {
  return firstOf(metadata.get(key)[0]?.toString());
}

/** What metadata may have for a value; grpc-js drops others. */
const LEGAL = /^[ -~]*$/;

/** The same of a call's HTTP/2 headers, whose metadata has not been made. */
export function firstHeader(headers: IncomingHttpHeaders, key: string): string | undefined {
  const value = headers[key];
  return typeof value === 'string' && LEGAL.test(value) ? firstOf(value) : undefined;
}

function firstOf(value: string | undefined): string | undefined {
  const end = value?.indexOf(', ') ?? -1;
  return end < 0 ? value : value?.slice(0, end);
}
