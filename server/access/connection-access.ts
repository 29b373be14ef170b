import type { FoghornError } from '../../protocol/errors.js';
import type { Audit } from './audit.js';
import type { Quota } from './quota.js';
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
  /** The last token that was identified. */
  #token: { readonly text: string; readonly identity: EndingIdentity } | undefined;
  /** The quotas that this connection counts in, and how it leaves them. */
  readonly #counted = new Map<Quota, () => void>();
  #isClosed = false;
  /** The identities of calls, as the audit knows them, and the last of them. */
  readonly #audited = new WeakMap<Identity, Identity>();
  #last: { readonly identity: Identity; readonly audited: Identity } | undefined;

  /** @param identity the identity that the connection proves by itself */
  constructor(
    private readonly tokens: TokenIdentifier,
    readonly identity: Identity | undefined,
    private readonly address: string,
    private readonly audit: Audit,
  ) {}

  /**
   * The identity of a call. Throws, or rejects with, UNAUTHENTICATED, and RESOURCE_EXHAUSTED if the
   * caller has too many connections.
   *
   * @param authorization the `authorization` header field of the call
   */
  identify(authorization: string | undefined): Identity | Promise<Identity> {
    if (authorization === undefined || !this.tokens.hasRules) {
      if (this.identity === undefined) throw this.#unidentified('there is no proof of identity');
      // A certificate may have ended while its connection stayed open.
      if (this.identity.isValid === false) throw this.#unidentified('the certificate has ended');
      return this.#admit(this.identity);
    }
    if (authorization === this.#token?.text && this.#token.identity.isValid) {
      return this.#admit(this.#token.identity);
    }
    const found = this.tokens.identifyToken(BEARER.exec(authorization)?.[1] ?? '', this.address);
    if (found instanceof Promise)
      return found.then((identity) => this.#keep(authorization, identity));
    return this.#keep(authorization, found);
  }

  #unidentified(reason: string): FoghornError {
    this.audit.unidentified(this.address, reason);
    return unauthenticated();
  }

  #keep(authorization: string, identity: EndingIdentity): Identity {
    this.#token = { text: authorization, identity };
    return this.#admit(identity);
  }

  /** The connection was closed. */
  close(): void {
    this.#isClosed = true;
    for (const leave of this.#counted.values()) leave();
    this.#counted.clear();
  }

  #admit(identity: Identity): Identity {
    const { quota } = identity.caller;
    if (quota !== undefined && !this.#isClosed && !this.#counted.has(quota)) {
      this.#counted.set(quota, quota.hold('connections'));
    }
    if (this.#last?.identity === identity) return this.#last.audited;
    let audited = this.#audited.get(identity);
    if (audited === undefined) {
      audited = this.audit.identified(identity, this.address);
      this.#audited.set(identity, audited);
    }
    this.#last = { identity, audited };
    return audited;
  }
}
