/** One message to a broker. */
export interface AppendMessage {
  /** How many events are in it. */
  readonly count: number;
  /** An encoded foghorn.v1.AppendRequest. */
  readonly bytes: Buffer;
}
