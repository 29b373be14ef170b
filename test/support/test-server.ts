import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import type { ServeOptions } from '../../server/options.js';
import { startServer, type RunningServer } from '../../server/server.js';
import { DEFAULT_TIMINGS } from '../../server/timings.js';
import type { ServerTimings } from '../../server/timings.js';
import { TestClient } from './test-client.js';

const KEEP_ALL = {
  age: undefined,
  bytes: undefined,
  entries: undefined,
  lastingAge: undefined,
  lastingBytes: undefined,
};

/** A server with its own directory for its socket and for files of a test. */
export class TestServer {
  readonly #clients: TestClient[] = [];
  #stopped: Promise<void> | undefined;

  private constructor(
    readonly directory: string,
    private readonly server: RunningServer,
    /** Messages of its log, from the level of the options on, unless the test has its own log. */
    readonly logged: readonly string[],
  ) {}

  /**
   * Starts a server on a unix socket, with a store in memory and a short drain unless the arguments
   * say otherwise. Throws what `startServer` throws.
   */
  static async start(
    options: Partial<ServeOptions> = {},
    timings: Partial<ServerTimings> = {},
    log?: Logger,
  ): Promise<TestServer> {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-'));
    const complete = {
      grpc: [`unix://${directory}/s.sock`],
      http2: 'own',
      docker: [`unix://${directory}/d.sock`],
      ttrpc: [`unix://${directory}/s.sock.ttrpc`],
      relay: undefined,
      http: [],
      httpIsOptional: false,
      dockerNamespace: 'moby',
      dockerApiVersion: '1.51',
      engine: undefined,
      containerd: undefined,
      store: 'memory:',
      allowEvictingRedis: false,
      retention: KEEP_ALL,
      retainHeld: undefined,
      trustClock: false,
      protoDirs: [],
      access: undefined,
      audit: undefined,
      tls: undefined,
      insecure: false,
      logLevel: 'silent',
      logFormat: 'json',
      ...options,
    } as const;
    try {
      const logged: string[] = [];
      const logger =
        log ??
        pino(
          { level: complete.logLevel },
          { write: (line) => logged.push((JSON.parse(line) as { msg: string }).msg) },
        );
      const server = await startServer(complete, logger, { ...DEFAULT_TIMINGS, ...timings });
      return new TestServer(directory, server, logged);
    } catch (error) {
      rmSync(directory, { recursive: true });
      throw error;
    }
  }

  get addresses(): readonly string[] {
    return this.server.addressesOf('grpc');
  }

  /** Path of the Docker socket. */
  get dockerSocket(): string {
    return this.server.addressesOf('docker')[0]!.replace('unix://', '');
  }

  /** The first address of the HTTP API. */
  get http(): string {
    return this.server.addressesOf('http')[0]!;
  }

  /** Path of the ttrpc socket. */
  get ttrpcSocket(): string {
    return this.server.addressesOf('ttrpc')[0]!.replace('unix://', '');
  }

  /** The first gRPC address. */
  get address(): string {
    return this.addresses[0]!;
  }

  /** Path of the first gRPC socket. */
  get socketPath(): string {
    return this.address.replace('unix://', '');
  }

  /** Whether its log has a line that begins with the text. */
  hasLogged(text: string): boolean {
    return this.logged.some((line) => line.startsWith(text));
  }

  /** Returns a client with its own connection, which closes when the server stops. */
  client(address = this.address): TestClient {
    const client = new TestClient(address);
    this.#clients.push(client);
    return client;
  }

  /** Drains, then releases everything. */
  async stop(): Promise<void> {
    await this.drain();
    for (const client of this.#clients) client.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Drains but keeps the clients open, so that a test sees their view. May be called twice. */
  drain(): Promise<void> {
    this.#stopped ??= this.server.stop();
    return this.#stopped;
  }
}
