/** Figures of one round; those that were not measured are absent. */
export interface Figures {
  /** Events per second that the daemon accepted, or replayed. */
  readonly rate: number;
  /** Events accepted by the daemon in all. */
  readonly events?: number;
  /** Deliveries per second; an event counts once for each client that it reaches. */
  readonly deliveries?: number;
  /** Percentiles of the time from an event's own time until it reaches a client, ms. */
  readonly p50?: number;
  readonly p99?: number;
  /** Percentage of the expected events that clients got. */
  readonly arrived?: number;
  /** The same for a client that read nothing until the end. */
  readonly arrivedLate?: number;
  /** Microseconds of processor time for each event, by process. */
  readonly daemonCpu?: number;
  readonly clientsCpu?: number;
  readonly loadCpu?: number;
  /**
   * Anonymous memory of the daemon, MiB: without clients, with them, and the maximum after that.
   */
  readonly memoryBefore?: number;
  readonly memoryWithClients?: number;
  readonly memoryPeak?: number;
  /** Maximum of the resident memory, MiB. */
  readonly residentPeak?: number;
}

export type Figure = keyof Figures;

export const MIB = 1024 * 1024;

export function percentOf(part: number, whole: number): number {
  return (part / whole) * 100;
}
