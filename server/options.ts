import type { EngineAddress } from '../protocol/engine-address.js';
import type { InheritedSockets } from './listen/inherited-sockets.js';
import type { TlsPaths } from './listen/listen-address.js';
import type { Retention } from './history/store.js';
import type { LogFormat } from './log/open-log.js';
import type { RelayOptions } from './relay/relay.js';

/** All options of `foghorn serve`, complete: the command line fills in the defaults. */
export interface ServeOptions {
  /**
   * Addresses of gRPC: `unix:///path` or `host:port`; at least one. Port 0 takes any free port.
   */
  readonly grpc: readonly string[];
  /** The HTTP/2 server below gRPC: `own`, or Node's, as before version 0.2. */
  readonly http2: 'own' | 'node';
  /** Addresses of the Docker API, in the same forms; may be empty. */
  readonly docker: readonly string[];
  /** Addresses of the HTTP API, health and metrics, in the same forms; may be empty. */
  readonly http: readonly string[];
  /** Whether to start, with a warning, where an address of `http` cannot be listened on. */
  readonly httpIsOptional: boolean;
  /** Addresses of containerd's ttrpc: `unix:///path`; may be empty. */
  readonly ttrpc: readonly string[];
  /** How events that arrive by ttrpc reach containerd; undefined if they need not. */
  readonly relay: RelayOptions | undefined;
  /** The containerd namespace that Docker clients see. */
  readonly dockerNamespace: string;
  /** The engine that answers Docker clients what history cannot; undefined for none. */
  readonly engine: EngineAddress | undefined;
  /**
   * The containerd that answers gRPC methods that are not Foghorn's, `unix:///path` or `host:port`;
   * undefined for none.
   */
  readonly containerd: string | undefined;
  /** The newest supported version of the Docker API, where no engine has one of its own. */
  readonly dockerApiVersion: string;
  /** Store URL, see `openStore`. */
  readonly store: string;
  /** Whether to accept a Redis that may evict keys. */
  readonly allowEvictingRedis: boolean;
  /** Limits of the history that is kept. */
  readonly retention: Retention;
  /** Bytes up to which consumers may make retention wait; undefined for no limit. */
  readonly retainHeld: number | undefined;
  /** Whether retention by age relies on the clock even after it has jumped. */
  readonly trustClock: boolean;
  /** Directories with users' `.proto` files, whose messages become filterable. */
  readonly protoDirs: readonly string[];
  /** The file of who may do what; undefined where every caller may do everything. */
  readonly access: string | undefined;
  /**
   * The file of the audit, with lines about what callers use, are refused and change; `-` for
   * stdout, undefined for none.
   */
  readonly audit: string | undefined;
  /** PEM files for TCP addresses that have none of their own; undefined for no TLS. */
  readonly tls: TlsPaths | undefined;
  /** Whether TCP addresses beyond loopback may lack TLS and identity. */
  readonly insecure: boolean;
  /** Sockets to listen on where an address names their path; none by default. */
  readonly inherited?: InheritedSockets;
  /** Lowest level of log lines on stderr, by pino's names. */
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Form of log lines; `auto` is text on a terminal, and JSON elsewhere. */
  readonly logFormat: LogFormat | 'auto';
}
