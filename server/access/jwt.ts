import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  jwtVerify,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
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

/** How long the key set of a file is used before it is read again, in milliseconds. */
const FILE_MAX_AGE_MS = 2000;

/** The contents of a verified JWT. */
export interface VerifiedJwt {
  readonly principal: Principal;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Verifies JWTs of the issuers that are trusted. */
export class JwtVerifier {
  readonly #keys = new Map<JwtIssuer, JWTVerifyGetKey>();

  constructor(private readonly issuers: readonly JwtIssuer[]) {}

  /** Rejects for a token that is malformed, expired, not yet valid, or not from an issuer. */
  async verify(text: string): Promise<VerifiedJwt> {
    const { iss } = decodeJwt(text);
    const issuer = this.issuers.find((each) => each.issuer === iss);
    if (issuer === undefined) throw new Error('the issuer is not known');
    const { payload } = await jwtVerify(text, this.#keysOf(issuer), {
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
      principal: { name, groups: Array.isArray(groups) ? groups.filter(isText) : [] },
      expires: ((payload.exp ?? 0) + CLOCK_LEEWAY_S) * 1000,
    };
  }

  #keysOf(issuer: JwtIssuer): JWTVerifyGetKey {
    const known = this.#keys.get(issuer);
    if (known !== undefined) return known;
    const { keys } = issuer;
    const set = keys.startsWith('/') ? keysOfFile(keys) : createRemoteJWKSet(new URL(keys));
    this.#keys.set(issuer, set);
    return set;
  }
}

function keysOfFile(path: string): JWTVerifyGetKey {
  let read: { readonly at: number; readonly keys: JWTVerifyGetKey } | undefined;
  return async (header, token) => {
    const now = performance.now();
    if (read === undefined || now - read.at > FILE_MAX_AGE_MS) {
      const set = JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet;
      read = { at: now, keys: createLocalJWKSet(set) };
    }
    return read.keys(header, token);
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
