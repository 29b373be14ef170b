import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEEP_ALL } from '../../test/support/broker-over-store.js';
import { DockerClient } from '../../test/support/docker/docker-client.js';
import { TestServer } from '../../test/support/test-server.js';
import { Random } from '../random.js';
import { Checker } from './checker.js';
import { TenantWork, type Shared } from './tenant-work.js';
import { accessFile, makeTenants } from './tenants.js';

export interface RunOptions {
  readonly tenants: number;
  readonly seed: number;
  /** Store URL of each broker. */
  readonly stores: readonly string[];
  /** Entries that retention keeps; undefined for all. */
  readonly keptEntries: number | undefined;
  /** Whether to go on, asked before each step of a caller. */
  readonly mayContinue: (steps: number) => boolean;
}

/**
 * Lets callers with random rights work on brokers that share a history, and checks everything that
 * they saw.
 */
export async function runTenants(options: RunOptions): Promise<Checker> {
  const random = new Random(options.seed);
  const tenants = makeTenants(options.tenants, random);
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-tenants-'));
  const access = join(directory, 'access.yaml');
  writeFileSync(access, accessFile(tenants));
  const addresses = (kind: string, index: number): string[] =>
    tenants.map(({ name }) => `unix://${directory}/${kind}${index}-${name}.sock?as=${name}`);
  const shared: Shared = {
    checker: new Checker(),
    stored: [],
    dockerNamespace: 'a1',
    targets: { cursors: [], consumers: [] },
    isTrimmed: options.keptEntries !== undefined,
  };
  const servers: TestServer[] = [];
  const dockers: DockerClient[] = [];
  try {
    for (const [index, store] of options.stores.entries()) {
      const grpc = addresses('g', index);
      const docker = addresses('d', index);
      const http = addresses('h', index);
      const dockerNamespace = shared.dockerNamespace;
      servers.push(
        await TestServer.start({
          ...{ store, access, grpc, docker, http, ttrpc: [], dockerNamespace },
          retention: { ...KEEP_ALL, entries: options.keptEntries },
        }),
      );
    }
    const works = tenants.map((tenant, index) => {
      const broker = index % servers.length;
      const socket = (kind: string): string =>
        join(directory, `${kind}${broker}-${tenant.name}.sock`);
      const client = servers[broker]!.client(`unix://${socket('g')}`);
      const docker = new DockerClient(socket('d'));
      const http = new DockerClient(socket('h'));
      dockers.push(docker, http);
      const connections = { http, grpc: client, address: `unix://${socket('g')}` };
      return new TenantWork(tenant, client, docker, new Random(random.seed()), shared, connections);
    });
    await Promise.all(works.map((work) => work.begin()));
    await Promise.all(
      works.map(async (work) => {
        for (let steps = 0; options.mayContinue(steps); steps++) await work.step();
      }),
    );
    await Promise.all(works.map((work) => work.end()));
    return shared.checker;
  } finally {
    for (const docker of dockers) docker.close();
    for (const server of servers) await server.stop();
    rmSync(directory, { recursive: true });
  }
}
