/** A line that a member writes about one event. Times are ms of the machine's monotonic clock. */
export interface MemberRecord {
  readonly kind: 'begun' | 'handled' | 'failed';
  readonly member: string;
  readonly container: string;
  /** Number of the event within its container, from 1. */
  readonly number: number;
  /** Tells an event that was stored twice from itself. */
  readonly cursor: string;
  readonly attempt: number;
  readonly time: number;
}

/** The machine's monotonic time in ms, the same for all processes. */
export function machineTime(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
