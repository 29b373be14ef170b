import { readFileSync } from 'node:fs';
import { Cluster, Redis } from 'ioredis';
import type * as ioredis from 'ioredis';
import { FoghornError } from '../../../protocol/errors.js';
import type { RedisUrl, TlsFiles } from './redis-url.js';

/** One connection, or for a cluster one to each of its nodes. */
export type RedisClient = Redis | Cluster;

type DriverOptions = Omit<ioredis.RedisOptions, 'replyMapping'>;

/** Without an answer for so long, the connection is destroyed and its commands fail. */
export const ANSWER_MS = 5000;
const CONNECT_MS = 3000;

function retryMs(attempt: number): number {
  return Math.min(20 * 2 ** Math.min(attempt, 10), 500) * (0.5 + Math.random() / 2);
}

/**
 * Makes a client that is not connected yet. It reconnects by itself; commands meanwhile fail. The
 * type arguments spare the compiler a comparison of all commands, which takes seconds.
 */
export function createClient(url: RedisUrl, purpose: 'commands' | 'tail'): RedisClient {
  const options = connectionOptions(url, purpose);
  if (url.kind === 'cluster') return new Cluster<'legacy'>([...url.nodes], clusterOptions(options));
  if (url.kind === 'sentinel')
    return new Redis<'legacy'>({ ...options, ...sentinelOptions(url, options) });
  const [{ host, port } = { host: '', port: 0 }] = url.nodes;
  return new Redis<'legacy'>({ ...options, host, port });
}

function connectionOptions(url: RedisUrl, purpose: string): DriverOptions {
  return {
    // The protocol that all versions of Redis and its substitutes speak.
    protocol: 2,
    lazyConnect: true,
    connectionName: `foghorn-${purpose}`,
    connectTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    retryStrategy: retryMs,
    enableOfflineQueue: false,
    // Unanswered commands may have been executed, so the caller decides whether to repeat them.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // After a failover the old master is a replica.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    db: url.db,
    ...(url.username === undefined ? {} : { username: url.username }),
    ...(url.password === undefined ? {} : { password: url.password }),
    ...(url.tls === undefined ? {} : { tls: tlsOptions(url.tls) }),
  };
}

function sentinelOptions(url: RedisUrl, { tls }: DriverOptions): DriverOptions {
  return {
    sentinels: [...url.nodes],
    name: url.masterName,
    sentinelRetryStrategy: retryMs,
    sentinelCommandTimeout: CONNECT_MS,
    ...(url.sentinelPassword === undefined ? {} : { sentinelPassword: url.sentinelPassword }),
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls }),
  };
}

function clusterOptions(redisOptions: DriverOptions) {
  return {
    redisOptions,
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryMs,
    slotsRefreshTimeout: CONNECT_MS,
    slotsRefreshInterval: 5000,
  };
}

function tlsOptions({ ca, cert, key }: TlsFiles): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(ca === undefined ? {} : { ca: readPem(ca) }),
    ...(cert === undefined ? {} : { cert: readPem(cert) }),
    ...(key === undefined ? {} : { key: readPem(key) }),
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `cannot read ${path}: ${(error as Error).message}`,
    );
  }
}
