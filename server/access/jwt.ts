import { readFile } from 'node:fs/promises';
import type { createLocalJWKSet, createRemoteJWKSet, JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { JwtIssuer, Principal } from './rules.js';

/** Difference between the clocks of issuer and broker that is allowed, in seconds. */
const CLOCK_LEEWAY_S = 60;

/** Only signatures with a key pair: a shared secret would let every verifier make tokens. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
];

/** How long a key set is used before it is read again, in milliseconds. */
const FILE_MAX_AGE_MS = 1000;
const URL_MAX_AGE_MS = 60_000;

/** The functions of the library that make key sets. */
interface KeySets {
  readonly createLocalJWKSet: typeof createLocalJWKSet;
  readonly createRemoteJWKSet: typeof createRemoteJWKSet;
}

/** The keys of an issuer, which change when it rotates or revokes them. */
interface IssuerKeys {
  readonly find: JWTVerifyGetKey;
  /**
   * Reads the keys again if they are old. Resolves with whether they are others than at the last
   * call. Rejects when they cannot be read, and the old ones stay in use.
   */
  haveChanged(): Promise<boolean>;
}

/** The contents of a verified JWT. */
export interface VerifiedJwt {
  readonly issuer: JwtIssuer;
  readonly principal: Principal;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Verifies JWTs of the issuers that are trusted. */
export class JwtVerifier {
  readonly #keys = new Map<JwtIssuer, IssuerKeys>();

  constructor(private readonly issuers: readonly JwtIssuer[]) {}

  /** Rejects for a token that is malformed, expired, not yet valid, or not from an issuer. */
  async verify(text: string): Promise<VerifiedJwt> {
    // Loaded with the first token, because that takes a part of a broker's start.
    const jose = await import('jose');
    const { iss } = jose.decodeJwt(text);
    const issuer = this.issuers.find((each) => each.issuer === iss);
    if (issuer === undefined) throw new Error('the issuer is not known');
    const { payload } = await jose.jwtVerify(text, this.#keysOf(issuer, jose).find, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_LEEWAY_S,
      requiredClaims: ['exp'],
    });
    const name = payload[issuer.nameClaim];
    if (typeof name !== 'string' || name === '') throw new Error('the name claim is missing');
    const groups = payload[issuer.groupsClaim];
    return {
      issuer,
      principal: { name, groups: Array.isArray(groups) ? groups.filter(isText) : [] },
      expires: ((payload.exp ?? 0) + CLOCK_LEEWAY_S) * 1000,
    };
  }

  /** The issuers whose keys have changed since the last call, so that tokens may be void. */
  async issuersWithOtherKeys(): Promise<readonly JwtIssuer[]> {
    const changed: JwtIssuer[] = [];
    for (const [issuer, keys] of this.#keys) {
      // A token must not become void because its issuer cannot be reached for a while.
      if (await keys.haveChanged().catch(() => false)) changed.push(issuer);
    }
    return changed;
  }

  #keysOf(issuer: JwtIssuer, jose: KeySets): IssuerKeys {
    const known = this.#keys.get(issuer);
    if (known !== undefined) return known;
    const { keys } = issuer;
    const set = keys.startsWith('/')
      ? new KeyFile(keys, jose.createLocalJWKSet)
      : new KeyUrl(jose.createRemoteJWKSet(new URL(keys), { cacheMaxAge: URL_MAX_AGE_MS }));
    this.#keys.set(issuer, set);
    return set;
  }
}

/** A key set in a file. */
class KeyFile implements IssuerKeys {
  #read: { readonly at: number; readonly keys: JWTVerifyGetKey } | undefined;
  #text: string | undefined;
  /** The text at the last look for changes, or at the first use. */
  #seen: string | undefined;

  constructor(
    private readonly path: string,
    private readonly create: typeof createLocalJWKSet,
  ) {}

  readonly find: JWTVerifyGetKey = async (header, token) => (await this.#keys())(header, token);

  async haveChanged(): Promise<boolean> {
    await this.#keys();
    const before = this.#seen;
    this.#seen = this.#text;
    return before !== this.#text;
  }

  async #keys(): Promise<JWTVerifyGetKey> {
    const now = performance.now();
    if (this.#read !== undefined && now - this.#read.at <= FILE_MAX_AGE_MS) return this.#read.keys;
    const text = await readFile(this.path, 'utf8');
    const keys = this.create(JSON.parse(text) as JSONWebKeySet);
    this.#read = { at: now, keys };
    this.#text = text;
    this.#seen ??= text;
    return keys;
  }
}

/** A key set at a URL. */
class KeyUrl implements IssuerKeys {
  /** The set at the last look for changes, or at the first use. */
  #seen: string | undefined;

  constructor(private readonly set: ReturnType<typeof createRemoteJWKSet>) {}

  readonly find: JWTVerifyGetKey = async (header, token) => {
    const key = await this.set(header, token);
    this.#seen ??= this.#text;
    return key;
  };

  async haveChanged(): Promise<boolean> {
    if (this.#seen === undefined) return false;
    if (!this.set.fresh) await this.set.reload();
    const before = this.#seen;
    this.#seen = this.#text;
    return before !== this.#seen;
  }

  get #text(): string {
    return JSON.stringify(this.set.jwks());
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
