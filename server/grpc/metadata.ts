import type { Metadata } from '@grpc/grpc-js';
import type { IncomingHttpHeaders } from 'node:http2';

/**
 * The first value of a metadata key; further values are ignored, as in containerd. Node joins the
 * values of a repeated header with a comma and a blank, which no value of ours contains.
 */
export function firstValue(metadata: Metadata, key: string): string | undefined {
  return firstOf(metadata.get(key)[0]?.toString());
}

/** Characters that gRPC allows in a metadata value; grpc-js drops values with others. */
const LEGAL = /^[ -~]*$/;

/** The same from a call's HTTP/2 headers, before grpc-js has made metadata of them. */
export function firstHeader(headers: IncomingHttpHeaders, key: string): string | undefined {
  const value = headers[key];
  return typeof value === 'string' && LEGAL.test(value) ? firstOf(value) : undefined;
}

function firstOf(value: string | undefined): string | undefined {
  const end = value?.indexOf(', ') ?? -1;
  return end < 0 ? value : value?.slice(0, end);
}
