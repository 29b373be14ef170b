/** The first value of a call's header, undefined where it has none. */
export type ValueOf = (header: string) => string | undefined;

/** A method that takes one message and answers with an empty one. */
export interface UnaryMethod<Request = unknown> {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Throws for bytes that are no request. */
  decode(bytes: Uint8Array): Request;
  /** Resolves when the caller may be answered; rejects with what it is told. */
  accept(request: Request, valueOf: ValueOf): Promise<unknown>;
}
