import type { Right } from './caller.js';
import { NamespaceSet } from './namespace-set.js';
import { HELD_LIMITS, RATE_LIMITS, type QuotaLimits } from './quota.js';

/** Namespace patterns for each right: `name`, `prefix*`, or `*`. */
export type Role = Readonly<Record<Right, readonly string[]>> & {
  /** Limits of each caller that has the role; undefined for none. */
  readonly quota: QuotaLimits | undefined;
};

/** Gives a role to callers. */
export interface Grant {
  readonly role: string;
  /** Names of callers, `group:NAME`, or `*` for every identified caller. */
  readonly to: readonly string[];
}

/** A bearer token, of which only the digest is known. */
export interface TokenEntry {
  readonly name: string;
  readonly groups: readonly string[];
  /** SHA-256 of the token's text, 32 bytes. */
  readonly digest: Buffer;
  /** Milliseconds since 1970; undefined for never. */
  readonly expires: number | undefined;
}

/** An issuer of JWTs that is trusted to say who calls. */
export interface JwtIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** URL or file of the issuer's JSON Web Key Set. */
  readonly keys: string;
  /** Names of the claims with the caller's name and groups. */
  readonly nameClaim: string;
  readonly groupsClaim: string;
}

/** Who may do what: the contents of an access file, complete and checked. */
export interface AccessRules {
  readonly roles: ReadonlyMap<string, Role>;
  readonly grants: readonly Grant[];
  /** Roles of callers of unix sockets that name no caller; undefined for every right. */
  readonly local: readonly string[] | undefined;
  readonly tokens: readonly TokenEntry[];
  readonly issuers: readonly JwtIssuer[];
}

/** A caller's rights, one set of namespaces for each. */
export type Rights = Readonly<Record<Right, NamespaceSet>>;

export const EVERY_RIGHT: Rights = {
  publish: NamespaceSet.ALL,
  read: NamespaceSet.ALL,
  engine: NamespaceSet.ALL,
  admin: NamespaceSet.ALL,
};

/** A name that was proved, and the groups that come with it. */
export interface Principal {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The rights of an identified caller. */
export function rightsOf(rules: AccessRules, principal: Principal): Rights {
  return rightsIn(
    rules,
    grantsFor(rules, principal).map(({ role }) => role),
  );
}

/** The rights that roles give together. */
export function rightsIn({ roles }: AccessRules, names: readonly string[]): Rights {
  const given = names.map((name) => roles.get(name)).filter((role) => role !== undefined);
  const union = (right: Right): NamespaceSet =>
    NamespaceSet.of(given.flatMap((role) => role[right]));
  return {
    publish: union('publish'),
    read: union('read'),
    engine: union('engine'),
    admin: union('admin'),
  };
}

/**
 * The limits of a caller: each is the largest that one of its roles names, and one that no role
 * names does not exist. Undefined without any.
 */
export function limitsOf(rules: AccessRules, principal: Principal): QuotaLimits | undefined {
  return limitsIn(
    rules,
    grantsFor(rules, principal).map(({ role }) => role),
  );
}

/** The limits that roles give together. */
export function limitsIn(
  { roles }: AccessRules,
  names: readonly string[],
): QuotaLimits | undefined {
  const given = names.map((name) => roles.get(name)?.quota).filter((quota) => quota !== undefined);
  if (given.length === 0) return undefined;
  const limits: Partial<Record<keyof QuotaLimits, number>> = {};
  for (const name of [...HELD_LIMITS, ...RATE_LIMITS]) {
    const named = given.map((quota) => quota[name]).filter((limit) => limit !== undefined);
    if (named.length > 0) limits[name] = Math.max(...named);
  }
  return limits;
}

const GROUP_PREFIX = 'group:';

/**
 * The grants that a caller has. A name that reads like a group is granted nothing by it, because
 * a caller who may choose its name must not choose a group.
 */
export function grantsFor({ grants }: AccessRules, { name, groups }: Principal): readonly Grant[] {
  const names = new Set(['*', ...groups.map((group) => `${GROUP_PREFIX}${group}`)]);
  if (!name.startsWith(GROUP_PREFIX)) names.add(name);
  return grants.filter(({ to }) => to.some((each) => names.has(each)));
}

/** A reason for a right: the grant and the pattern that give it. */
export interface Reason {
  readonly grant: Grant;
  readonly pattern: string;
}

/** Why a caller has a right on a namespace; none if it does not have it. */
export function reasonsFor(
  rules: AccessRules,
  principal: Principal,
  right: Right,
  namespace: string,
): readonly Reason[] {
  return grantsFor(rules, principal).flatMap((grant) => {
    const patterns = rules.roles.get(grant.role)?.[right] ?? [];
    const covering = patterns.filter((pattern) => NamespaceSet.of([pattern]).has(namespace));
    return covering.map((pattern) => ({ grant, pattern }));
  });
}
