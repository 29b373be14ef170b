import { FoghornError } from '../../../protocol/errors.js';
import { quotedExcerpt } from '../../../protocol/excerpt.js';

/** The location of a history, parsed from a store URL. */
export interface RedisUrl {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** The sentinels' name for the master; '' without sentinels. */
  readonly masterName: string;
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly sentinelPassword: string | undefined;
  /** Undefined for plain TCP. */
  readonly tls: TlsFiles | undefined;
  /** Prefix of all key names, where it stands in braces. */
  readonly prefix: string;
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

const FORMS =
  'redis://[USER:PASSWORD@]HOST[:PORT][/DB], redis+sentinel://HOST:PORT,…/MASTER or redis+cluster://HOST:PORT,… (rediss for TLS)';
const URL_FORM =
  /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?]*)@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const PARAMETERS = ['prefix', 'db', 'ca', 'cert', 'key', 'sentinel-password'];
const DEFAULT_PORT = { single: 6379, sentinel: 26379, cluster: 6379 } as const;

/** Whether a store URL is meant for this driver, well-formed or not. */
export function isRedisUrl(url: string): boolean {
  return /^rediss?[:+]/.test(url);
}

/** Throws INVALID_ARGUMENT. The error does not repeat the URL, which may contain a password. */
export function parseRedisUrl(url: string): RedisUrl {
  checkCredentials(url);
  const [, scheme, form, credentials, hosts = '', path = '', query = ''] =
    URL_FORM.exec(url) ?? refuse(`expected ${FORMS}`);
  const kind = (form ?? 'single') as RedisUrl['kind'];
  const parameters = parseParameters(query);
  const [username, password] = parseCredentials(credentials);
  return {
    kind,
    nodes: parseHosts(hosts, kind),
    masterName:
      kind === 'sentinel'
        ? decode(path) || refuse("expected the master's name after the hosts")
        : '',
    db: parseDb(kind === 'single' && path !== '' ? path : (parameters.get('db') ?? '0'), kind),
    username,
    password,
    sentinelPassword: parameters.get('sentinel-password'),
    tls: parseTls(scheme === 'rediss', parameters),
    prefix: parsePrefix(parameters.get('prefix') ?? 'foghorn'),
  };
}

/**
 * Throws where a password has characters that would be taken for the host, and shown in an error.
 */
function checkCredentials(url: string): void {
  const [address = ''] = url.split('?', 1);
  const credentials = address.slice(
    address.indexOf('//') + 2,
    Math.max(address.lastIndexOf('@'), 0),
  );
  if (/[/@]/.test(credentials)) refuse('expected @ and / in a password as %40 and %2F');
}

/** The URL without passwords, also where they are not encoded as they should be. */
export function withoutSecrets(url: string): string {
  const shown = url.replace(/([?&]sentinel-password=)[^&]*/, '$1***');
  const begin = shown.indexOf('//');
  const end = shown.lastIndexOf('@');
  return begin < 0 || end < begin ? shown : shown.slice(0, begin + 2) + shown.slice(end + 1);
}

function parseParameters(query: string): Map<string, string> {
  const parameters = new Map(new URLSearchParams(query));
  for (const name of parameters.keys()) {
    if (PARAMETERS.includes(name)) continue;
    // With an @ it may be the end of a password.
    const shown = name.includes('@') ? '' : ` ${quotedExcerpt(name)}`;
    refuse(`unknown parameter${shown}: expected ${PARAMETERS.join(', ')}`);
  }
  return parameters;
}

function parseCredentials(text = ''): [string | undefined, string | undefined] {
  if (text === '') return [undefined, undefined];
  const colon = text.indexOf(':');
  if (colon === -1) refuse('expected USER:PASSWORD or :PASSWORD before the @');
  return [decode(text.slice(0, colon)) || undefined, decode(text.slice(colon + 1))];
}

function parseHosts(text: string, kind: RedisUrl['kind']): RedisUrl['nodes'] {
  const hosts = text.split(',');
  if (kind === 'single' && hosts.length > 1) {
    refuse('several hosts: expected redis+sentinel:// or redis+cluster://');
  }
  return hosts.map((host) => {
    const [, bracketed, plain, port] =
      /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(host) ??
      refuse('expected HOST or HOST:PORT, and ? in a password as %3F');
    return {
      host: bracketed ?? plain ?? '',
      port: port === undefined ? DEFAULT_PORT[kind] : Number(port),
    };
  });
}

function parseDb(text: string, kind: RedisUrl['kind']): number {
  if (!/^\d{1,5}$/.test(text))
    refuse(`expected the number of a database, got ${JSON.stringify(text)}`);
  if (kind === 'cluster' && text !== '0') refuse('a cluster has database 0 only');
  return Number(text);
}

function parseTls(isTls: boolean, parameters: ReadonlyMap<string, string>): TlsFiles | undefined {
  const files = {
    ca: parameters.get('ca'),
    cert: parameters.get('cert'),
    key: parameters.get('key'),
  };
  if (isTls) return files;
  if (Object.values(files).some((file) => file !== undefined)) {
    refuse('ca, cert and key are for TLS: expected rediss');
  }
  return undefined;
}

function parsePrefix(prefix: string): string {
  if (/^[^{}\s\0]{1,100}$/.test(prefix)) return prefix;
  return refuse('prefix: expected 1 to 100 characters without braces or spaces');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('expected % to be followed by two hexadecimal digits');
  }
}

function refuse(expected: string): never {
  throw new FoghornError('INVALID_ARGUMENT', `store URL of Redis: ${expected}`);
}

/** A readable name for the location, without credentials. */
export function locationText({ kind, nodes, masterName }: RedisUrl): string {
  const hosts = nodes.map(({ host, port }) => `${host}:${port}`).join(',');
  if (kind === 'single') return `Redis at ${hosts}`;
  return kind === 'cluster' ? `Redis Cluster at ${hosts}` : `Redis ${masterName} of ${hosts}`;
}
