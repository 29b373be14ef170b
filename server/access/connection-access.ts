import { unauthenticated, type EndingIdentity, type Identity } from './identity.js';

/** Finds the identity behind a bearer token. */
export interface TokenIdentifier {
  /** Without rules there are no tokens, so that credentials of other systems do no harm. */
  readonly hasRules: boolean;
  /** Throws, or rejects with, UNAUTHENTICATED. */
  identifyToken(text: string, address: string): EndingIdentity | Promise<EndingIdentity>;
}

const BEARER = /^bearer +([\x21-\x7e]+)$/i;

/** Identifies the calls of one connection: by their bearer token, or by the connection itself. */
export class ConnectionAccess {
  #lastText: string | undefined;
  #last: EndingIdentity | undefined;

  /** @param identity the identity that the connection proves by itself */
  constructor(
    private readonly tokens: TokenIdentifier,
    readonly identity: Identity | undefined,
    private readonly address: string,
  ) {}

  /**
   * The identity of a call. Throws, or rejects with, UNAUTHENTICATED.
   *
   * @param authorization the `authorization` header field of the call
   */
  identify(authorization: string | undefined): Identity | Promise<Identity> {
    if (authorization === undefined || !this.tokens.hasRules) {
      // A certificate may have ended while its connection stayed open.
      if (this.identity === undefined || this.identity.isValid === false) throw unauthenticated();
      return this.identity;
    }
    if (authorization === this.#lastText && this.#last?.isValid === true) return this.#last;
    const found = this.tokens.identifyToken(BEARER.exec(authorization)?.[1] ?? '', this.address);
    if (found instanceof Promise)
      return found.then((identity) => this.#keep(authorization, identity));
    return this.#keep(authorization, found);
  }

  #keep(authorization: string, identity: EndingIdentity): EndingIdentity {
    this.#lastText = authorization;
    this.#last = identity;
    return identity;
  }
}
