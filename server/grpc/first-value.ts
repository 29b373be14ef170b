import type { Metadata } from '@grpc/grpc-js';

/**
 * The first value that a call's metadata has for a key: of several, it alone counts, as with containerd. Node joins
 * the values of a header that was sent more than once with a comma and a blank, which no value of ours contains.
 */
export function firstValue(metadata: Metadata, key: string): string | undefined {
  return metadata.get(key)[0]?.toString().split(', ', 1)[0];
}
