import { Cluster, type Redis } from 'ioredis';
import { FoghornError } from '../../../protocol/errors.js';
import type { StoreDurability } from '../store.js';
import type { RedisClient } from './client.js';

/** What has to be known of a Redis before a history is trusted to it. */
export interface ServerFacts {
  readonly durability: StoreDurability;
  readonly policy: string;
  readonly role: string;
  readonly version: string;
  /** It may not be asked for its settings, so durability is what it usually is. */
  readonly assumed: boolean;
}

/** The oldest that the tests have run against; XTRIM by MINID came with 6.2. */
const OLDEST = [7, 0];
const WEAKEST_FIRST: readonly StoreDurability[] = ['memory', 'os', 'second', 'fsync'];

/** Of a cluster: what the weakest master is, since the history may move to any of them. */
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

/** Undefined where that is forbidden, as managed services do. */
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

function durabilityOf(appendOnly: boolean, fsync: string): StoreDurability {
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

/** Throws FAILED_PRECONDITION for a Redis that a history must not be trusted to. */
export function checkFacts(facts: ServerFacts, place: string, allowEviction: boolean): void {
  const { policy, role, version } = facts;
  if (role !== 'master')
    refuse(`${place} is a replica, which takes no events: expected its master`);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    refuse(`${place} is version ${version}: expected ${OLDEST.join('.')} or later`);
  }
  if (mayEvict(facts) && !allowEviction) {
    refuse(
      `${place} may evict keys when its memory is full (maxmemory-policy ${policy}), and events with them: ` +
        'expected noeviction, or --allow-evicting-redis',
    );
  }
}

function refuse(reason: string): never {
  throw new FoghornError('FAILED_PRECONDITION', reason);
}
