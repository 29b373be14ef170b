import { open } from 'node:fs/promises';
import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { parseRfc3339 } from '../../protocol/rfc3339.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import { checkNamespace } from '../events/names.js';
import { RIGHTS } from './caller.js';
import { HELD_LIMITS, RATE_LIMITS, type QuotaLimits } from './quota.js';
import type { AccessRules, Grant, JwtIssuer, Role, TokenEntry } from './rules.js';
import { MAX_YAML_LENGTH, YamlField } from './yaml-field.js';

const NS_PER_MS = 1_000_000n;

/**
 * Reads an access file. Throws FAILED_PRECONDITION when that fails, and see `parseAccessFile`.
 * Errors begin with the flag, because a broker takes several files.
 */
export async function readAccessFile(path: string): Promise<AccessRules> {
  let text;
  try {
    text = await readBeginning(path, MAX_YAML_LENGTH + 1);
  } catch (error) {
    const problem = `--access ${path}: cannot read the file: ${(error as Error).message}`;
    throw new FoghornError('FAILED_PRECONDITION', problem, { cause: error });
  }
  return parseAccessFile(`--access ${path}`, text);
}

/** Reads no more than these bytes, because a path like /dev/zero has no end. */
async function readBeginning(path: string, most: number): Promise<string> {
  const file = await open(path);
  try {
    const bytes = Buffer.allocUnsafe(most);
    let length = 0;
    for (let read = -1; read !== 0; length += read) {
      ({ bytesRead: read } = await file.read(bytes, length, most - length));
    }
    return bytes.toString('utf8', 0, length);
  } finally {
    await file.close();
  }
}

/**
 * Parses an access file. Throws INVALID_ARGUMENT with line and column for the first fault.
 *
 * @param name of the file, for errors
 */
export function parseAccessFile(name: string, text: string): AccessRules {
  const file = YamlField.parse(name, text);
  const { roles, grants, local, tokens, jwt } = file.fields(
    'roles',
    'grants',
    'local',
    'tokens',
    'jwt',
  );
  const known = new Map((roles?.entries() ?? []).map(([role, field]) => [role, roleIn(field)]));
  return {
    roles: known,
    grants: (grants?.list() ?? []).map((field) => grantIn(field, known)),
    local: local?.list().map((field) => roleName(field, known)),
    tokens: (tokens?.list() ?? []).map(tokenIn),
    issuers: (jwt?.list() ?? []).map(issuerIn),
  };
}

function roleIn(field: YamlField): Role {
  const rights = field.fields(...RIGHTS, 'quota');
  const patterns = (right: (typeof RIGHTS)[number]): readonly string[] =>
    rights[right]?.list().map(patternIn) ?? [];
  return {
    publish: patterns('publish'),
    read: patterns('read'),
    engine: patterns('engine'),
    admin: patterns('admin'),
    quota: rights.quota && limitsIn(rights.quota),
  };
}

function limitsIn(field: YamlField): QuotaLimits {
  const limits = field.fields(...HELD_LIMITS, ...RATE_LIMITS);
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [name, limit.wholeNumber()]),
  );
}

function patternIn(field: YamlField): string {
  const pattern = field.text();
  if (pattern === '*') return pattern;
  const prefix = pattern.replace(/\*$/, '');
  try {
    // A prefix may end with a separator, which a namespace may not.
    checkNamespace(prefix === pattern ? pattern : prefix.replace(/[._-]$/, ''));
  } catch (error) {
    if (!(error instanceof FoghornError)) throw error;
    throw field.error(`${quotedExcerpt(pattern)}: expected a namespace, a prefix*, or *`);
  }
  return pattern;
}

function grantIn(field: YamlField, roles: ReadonlyMap<string, Role>): Grant {
  const { role, to } = field.fields('role', 'to');
  return {
    role: roleName(field.required(role, 'role'), roles),
    to: field.required(to, 'to').texts(),
  };
}

function roleName(field: YamlField, roles: ReadonlyMap<string, Role>): string {
  const role = field.text();
  if (roles.has(role)) return role;
  throw field.error(`there is no role ${quotedExcerpt(role)}`);
}

function tokenIn(field: YamlField): TokenEntry {
  const { name, groups, sha256, expires } = field.fields('name', 'groups', 'sha256', 'expires');
  return {
    name: field.required(name, 'name').text(),
    groups: groups?.texts() ?? [],
    digest: digestIn(field.required(sha256, 'sha256')),
    expires: expires && timeIn(expires),
  };
}

function digestIn(field: YamlField): Buffer {
  const text = field.text();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  throw field.error('expected the 64 hexadecimal digits that `foghorn token new` prints');
}

function timeIn(field: YamlField): number {
  const text = field.text();
  const time = parseRfc3339(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (time !== undefined) return Number(nanosFromTimestamp(time) / NS_PER_MS);
  throw field.error(`${quotedExcerpt(text)}: expected a date or an RFC 3339 time`);
}

function issuerIn(field: YamlField): JwtIssuer {
  const { issuer, audience, keys, name, groups } = field.fields(
    'issuer',
    'audience',
    'keys',
    'name',
    'groups',
  );
  return {
    issuer: field.required(issuer, 'issuer').text(),
    audience: field.required(audience, 'audience').text(),
    keys: keysIn(field.required(keys, 'keys')),
    nameClaim: name?.text() ?? 'sub',
    groupsClaim: groups?.text() ?? 'groups',
  };
}

function keysIn(field: YamlField): string {
  const text = field.text();
  if (/^https?:\/\/[^/]+/.test(text) || text.startsWith('/')) return text;
  throw field.error(`${quotedExcerpt(text)}: expected the URL or the absolute path of a key set`);
}
