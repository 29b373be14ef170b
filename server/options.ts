import type { Retention } from './history/store.js';

/** Everything that `foghorn serve` can be told, complete: the command line fills in the defaults. */
export interface ServeOptions {
  /** Where gRPC listens: `unix:///path` or `host:port`; at least one. Port 0 takes any free port. */
  readonly grpc: readonly string[];
  /** Where the Docker API is served: the same forms; none for nowhere. */
  readonly docker: readonly string[];
  /** The containerd namespace that Docker clients see. */
  readonly dockerNamespace: string;
  /** The newest version of the Docker API that is offered. */
  readonly dockerApiVersion: string;
  /** Store URL, see `openStore`. */
  readonly store: string;
  /** Whether a Redis that may evict keys is taken all the same. */
  readonly allowEvictingRedis: boolean;
  /** What of the history is kept. */
  readonly retention: Retention;
  /** Directories with users' `.proto` files, whose messages become filterable. */
  readonly protoDirs: readonly string[];
  /** Lowest level that the broker logs on stderr, as pino names them. */
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}
