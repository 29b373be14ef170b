/** Time in milliseconds, as of the last tick of a server: exact enough for limits, and cheap. */
export interface TickClock {
  readonly now: number;
}
