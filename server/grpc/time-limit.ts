import type { IncomingHttpHeaders } from 'node:http2';

export const TIMEOUT = 'grpc-timeout';

const MILLISECONDS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * The time limit of a call in ms: Infinity without a `grpc-timeout` header, NaN for a malformed
 * one.
 */
export function timeLimit(headers: IncomingHttpHeaders): number {
  const text = headers[TIMEOUT];
  if (text === undefined) return Infinity;
  const [, amount, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(text)) ?? [];
  return Number(amount) * (MILLISECONDS[unit] ?? NaN);
}
