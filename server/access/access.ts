import type { Audit } from './audit.js';
import { LOCAL, trustedCaller, type Caller } from './caller.js';
import { ConnectionAccess } from './connection-access.js';
import { FailureLimit } from './failure-limit.js';
import { EndingIdentity, unauthenticated, type Identity } from './identity.js';
import { JwtVerifier, type VerifiedJwt } from './jwt.js';
import { Quotas } from './quotas.js';
import { grantedTo, RuledCaller, type DeriveGranted } from './ruled-caller.js';
import { EVERY_RIGHT, limitsIn, rightsIn, type AccessRules, type Principal } from './rules.js';
import { digestOf, Tokens } from './tokens.js';

/** JWTs whose identities are remembered, so that each is verified once. */
const MAX_JWTS = 10_000;
/** Time between two looks for changed keys of issuers, in milliseconds. */
const KEYS_LOOK_MS = 1000;

/** The identity behind a verified JWT, and what is needed to verify it again. */
interface KnownJwt {
  readonly text: string;
  readonly issuer: VerifiedJwt['issuer'];
  readonly identity: EndingIdentity;
}

/** The facts about a connection that identify its client. */
export interface ConnectionFacts {
  /** Address of the client; empty for a unix socket. */
  readonly address: string;
  /** The name in a verified client certificate. */
  readonly certificate: string | undefined;
  /** When the certificate ends, in milliseconds since 1970. */
  readonly certificateEnds?: number | undefined;
  /** The name that a unix socket gives to its callers; '' for one that gives none. */
  readonly socket: string | undefined;
}

/** Who calls and what each may do, by the rules of the access file if there is one. */
export class Access {
  #rules: AccessRules | undefined;
  readonly #callers = new Set<WeakRef<RuledCaller>>();
  readonly #gone = new FinalizationRegistry<WeakRef<RuledCaller>>((reference) =>
    this.#callers.delete(reference),
  );
  readonly #quotas: Quotas;
  readonly #tokens: Tokens;
  #jwt = new JwtVerifier([]);
  /** By the digest of the token. */
  readonly #jwts = new Map<string, KnownJwt>();
  #keysTimer: NodeJS.Timeout | undefined;
  /** Counts changes of issuers' keys. */
  #keyChanges = 0;
  readonly #failures = new FailureLimit();

  constructor(
    rules: AccessRules | undefined,
    readonly audit: Audit,
  ) {
    this.#quotas = new Quotas(audit.limited);
    this.#tokens = new Tokens((principal) => this.#caller(principal));
    if (rules !== undefined) this.apply(rules);
  }

  /** Whether rules say who may do what; without them, every caller has every right. */
  get hasRules(): boolean {
    return this.#rules !== undefined;
  }

  /** Puts rules in force, for callers that are connected, too. */
  apply(rules: AccessRules): void {
    const issuersBefore = JSON.stringify(this.#rules?.issuers ?? []);
    this.#rules = rules;
    // Before all others, so that no token has its old groups under the new rules for a moment.
    this.#tokens.apply(rules);
    for (const reference of this.#callers) reference.deref()?.apply(rules);
    if (JSON.stringify(rules.issuers) === issuersBefore) return;
    this.#jwt = new JwtVerifier(rules.issuers);
    for (const { identity } of this.#jwts.values()) identity.end();
    this.#jwts.clear();
  }

  /** Stops looking for changed keys. */
  close(): void {
    clearTimeout(this.#keysTimer);
  }

  /** A token of a key that its issuer has removed is void from then on. */
  #watchKeys(): void {
    this.#keysTimer ??= setTimeout(() => {
      void this.#endVoidJwts().finally(() => {
        this.#keysTimer = undefined;
        if (this.#jwts.size > 0) this.#watchKeys();
      });
    }, KEYS_LOOK_MS).unref();
  }

  async #endVoidJwts(): Promise<void> {
    const verifier = this.#jwt;
    const changed = await verifier.issuersWithOtherKeys();
    if (changed.length > 0) this.#keyChanges += 1;
    for (const [digest, { text, issuer, identity }] of this.#jwts) {
      if (!changed.includes(issuer)) continue;
      const isVoid = await verifier.verify(text).then(
        () => false,
        () => true,
      );
      if (!isVoid || verifier !== this.#jwt) continue;
      identity.end();
      this.#jwts.delete(digest);
    }
  }

  /** Identifies the client of a new connection. */
  connect(facts: ConnectionFacts): ConnectionAccess {
    return new ConnectionAccess(this, this.#identityOf(facts), facts.address, this.audit);
  }

  /** The identity that a connection proves by itself, without a token. */
  #identityOf({ certificate, certificateEnds, socket }: ConnectionFacts): Identity | undefined {
    if (certificate !== undefined) {
      return new EndingIdentity(this.#named(certificate), 'certificate', certificateEnds);
    }
    if (socket !== undefined) {
      return { caller: socket === '' ? this.#local() : this.#named(socket), by: 'socket' };
    }
    return this.#rules === undefined ? { caller: LOCAL, by: 'nothing' } : undefined;
  }

  #named(name: string): Caller {
    return this.#rules === undefined ? trustedCaller(name) : this.#caller({ name, groups: [] });
  }

  #local(): Caller {
    if (this.#rules === undefined) return LOCAL;
    return this.#ruled(LOCAL.name, (rules) => {
      const { local } = rules;
      return local === undefined
        ? { rights: EVERY_RIGHT, limits: undefined }
        : { rights: rightsIn(rules, local), limits: limitsIn(rules, local) };
    });
  }

  #caller(principal: Principal): RuledCaller {
    return this.#ruled(principal.name, grantedTo(principal));
  }

  #ruled(name: string, derive: DeriveGranted): RuledCaller {
    if (this.#rules === undefined) throw new Error('there are no rules');
    const caller = new RuledCaller(name, derive, this.#rules, this.#quotas);
    const reference = new WeakRef(caller);
    this.#callers.add(reference);
    this.#gone.register(caller, reference);
    return caller;
  }

  /** The identity behind a bearer token. Throws, or rejects with, UNAUTHENTICATED. */
  identifyToken(text: string, address: string): EndingIdentity | Promise<EndingIdentity> {
    const token = this.#tokens.find(text);
    if (token !== undefined) return token;
    if (!this.#failures.admits(address)) throw this.#refuse(address, 'too many failed attempts');
    if (text.split('.').length !== 3) throw this.#fail(address, 'the token is not known');
    const known = this.#jwts.get(digestOf(text).toString('hex'))?.identity;
    return known?.isValid === true ? known : this.#verify(text, address);
  }

  async #verify(text: string, address: string): Promise<EndingIdentity> {
    const verifier = this.#jwt;
    const keyChanges = this.#keyChanges;
    let verified;
    try {
      verified = await verifier.verify(text);
    } catch (error) {
      throw this.#fail(address, (error as Error).message);
    }
    // The rules or keys may have changed meanwhile.
    if (verifier !== this.#jwt || keyChanges !== this.#keyChanges)
      return this.#verify(text, address);
    const { issuer, principal, expires } = verified;
    const identity = new EndingIdentity(this.#caller(principal), 'JWT', expires);
    this.#jwts.set(digestOf(text).toString('hex'), { text, issuer, identity });
    this.#forgetUnusedJwts();
    this.#watchKeys();
    return identity;
  }

  /** Keeps those that calls use, because they have to end with their issuer. */
  #forgetUnusedJwts(): void {
    for (const [digest, { identity }] of this.#jwts) {
      if (this.#jwts.size <= MAX_JWTS) return;
      if (!identity.isWatched) this.#jwts.delete(digest);
    }
  }

  #fail(address: string, reason: string): Error {
    this.#failures.count(address);
    return this.#refuse(address, reason);
  }

  #refuse(address: string, reason: string): Error {
    this.audit.unidentified(address, reason);
    return unauthenticated();
  }
}
