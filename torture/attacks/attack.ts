/** Sockets of the broker that is attacked. */
export interface Target {
  readonly grpc: string;
  readonly docker: string;
}

/** An attack by one client, on a broker that others use meanwhile. */
export interface Attack {
  readonly name: string;
  /** Brings the broker into the state that the attack needs. Nothing is measured meanwhile. */
  readonly prepare?: (target: Target, scale: number) => Promise<void>;
  /** Attacks until `isOver()`. It may take a little longer, but never waits for ever. */
  readonly run: (target: Target, isOver: () => boolean) => Promise<void>;
}
