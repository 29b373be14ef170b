/** What one round has shown; what it did not look for is not there. */
export interface Figures {
  /** Events per second that the daemon has taken, or told in a replay. */
  readonly rate: number;
  /** Events that it has taken from first to last. */
  readonly events?: number;
  /** Events per second that have reached a client, one for each that it has reached. */
  readonly deliveries?: number;
  /** Of the time from when an event happened, as it says itself, until it reached a client, ms. */
  readonly p50?: number;
  readonly p99?: number;
  /** Of the events that clients should get, how many of a hundred they got. */
  readonly arrived?: number;
  /** The same of a client that had read nothing until the end. */
  readonly arrivedLate?: number;
  /** Microseconds of processor time for each event, by process. */
  readonly daemonCpu?: number;
  readonly clientsCpu?: number;
  readonly loadCpu?: number;
  /**
   * Anonymous memory of the daemon before any client came, with the clients, and the most since
   * then, MiB.
   */
  readonly memoryBefore?: number;
  readonly memoryWithClients?: number;
  readonly memoryPeak?: number;
  /** Resident memory of all kinds, at most, MiB. */
  readonly residentPeak?: number;
}

export type Figure = keyof Figures;

export const MIB = 1024 * 1024;

export function percentOf(part: number, whole: number): number {
  return (part / whole) * 100;
}
