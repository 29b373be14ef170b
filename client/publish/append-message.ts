/** A message to the broker. */
export interface AppendMessage {
  /** Number of events in it. */
  readonly count: number;
  /** An encoded foghorn.v1.AppendRequest. */
  readonly bytes: Buffer;
}
