/** Digits that gRPC allows in a `grpc-timeout` header. */
const FORM = /^([+-]?\d{1,8})([HMSmun])$/;
/** `grpc-timeout` with its unit and sign. */
const MAX_LENGTH = 9;

const MILLISECONDS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * The time limit of a call in ms, from its `grpc-timeout` header: Infinity without one, NaN for a
 * malformed one. A negative limit is well-formed, as in grpc-go: it has passed already.
 */
export function timeLimit(header: string | undefined): number {
  if (header === undefined) return Infinity;
  const [text, amount, unit = ''] = FORM.exec(header) ?? [];
  if (text === undefined || text.length > MAX_LENGTH) return NaN;
  return Number(amount) * (MILLISECONDS[unit] ?? NaN);
}
