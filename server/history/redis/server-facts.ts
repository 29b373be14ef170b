import { Cluster, type Redis } from 'ioredis';
import { FoghornError } from '../../../protocol/errors.js';
import type { Durability } from '../store.js';
import type { RedisClient } from './client.js';

/** The properties of a Redis that decide whether it can hold a history. */
export interface ServerFacts {
  readonly durability: Durability;
  readonly policy: string;
  readonly role: string;
  readonly version: string;
  /** Its settings are not accessible, so `durability` assumes the defaults. */
  readonly assumed: boolean;
}

/** The oldest version that the tests have run against. XTRIM MINID came with 6.2. */
const OLDEST_VERSION = [7, 0];
const WEAKEST_FIRST: readonly Durability[] = ['memory', 'os', 'second', 'fsync'];

/** Reads the facts; of a cluster those of the weakest master, since the history may move to any. */
export async function readFacts(client: RedisClient): Promise<ServerFacts> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const facts = await Promise.all(nodes.map(factsOf));
  const rank = ({ durability }: ServerFacts): number => WEAKEST_FIRST.indexOf(durability);
  const [weakest, ...others] = facts.sort((a, b) => rank(a) - rank(b));
  if (weakest === undefined) throw new FoghornError('UNAVAILABLE', 'the cluster has no masters');
  return { ...weakest, policy: [weakest, ...others].find(mayEvict)?.policy ?? weakest.policy };
}

async function factsOf(node: Redis): Promise<ServerFacts> {
  const info = parseInfo(await node.info());
  const settings = await settingsOf(node);
  const setting = (name: string, otherwise: string): string => settings?.get(name) ?? otherwise;
  const aof = setting('appendonly', info.get('aof_enabled') === '1' ? 'yes' : 'no');
  return {
    durability: durabilityOf(aof === 'yes', setting('appendfsync', 'everysec')),
    policy: setting('maxmemory-policy', info.get('maxmemory_policy') ?? 'noeviction'),
    role: info.get('role') ?? 'master',
    version: info.get('redis_version') ?? '',
    assumed: settings === undefined,
  };
}

/** Undefined where CONFIG is forbidden, as in managed services. */
async function settingsOf(node: Redis): Promise<Map<string, string> | undefined> {
  const settings = new Map<string, string>();
  try {
    for (const name of ['appendonly', 'appendfsync', 'maxmemory-policy']) {
      const [, value] = await node.config('GET', name);
      if (value !== undefined) settings.set(name, value);
    }
  } catch (error) {
    if (error instanceof Error && /^(NOPERM|ERR)/.test(error.message)) return undefined;
    throw error;
  }
  return settings;
}

function durabilityOf(appendOnly: boolean, fsync: string): Durability {
  if (!appendOnly) return 'memory';
  if (fsync === 'always') return 'fsync';
  return fsync === 'no' ? 'os' : 'second';
}

function parseInfo(text: string): Map<string, string> {
  const lines = text.split('\r\n').map((line) => line.split(':', 2));
  return new Map(lines.map(([name = '', value = '']) => [name, value]));
}

function mayEvict({ policy }: ServerFacts): boolean {
  return policy !== 'noeviction';
}

/** Throws FAILED_PRECONDITION for a Redis that is not fit for a history. */
export function checkFacts(facts: ServerFacts, location: string, allowEviction: boolean): void {
  const { policy, role, version } = facts;
  if (role !== 'master')
    refuse(`${location} is a replica, which accepts no events: expected its master`);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_VERSION;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    refuse(`${location} is version ${version}: expected ${OLDEST_VERSION.join('.')} or later`);
  }
  if (mayEvict(facts) && !allowEviction) {
    refuse(
      `${location} may evict keys when its memory is full (maxmemory-policy ${policy}), and events with them: ` +
        'expected noeviction, or --allow-evicting-redis',
    );
  }
}

function refuse(reason: string): never {
  throw new FoghornError('FAILED_PRECONDITION', reason);
}
