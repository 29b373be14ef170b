import { parseArgs } from 'node:util';
import { Child } from '../../support/processes/child.js';
import { Cleanup } from '../../support/processes/cleanup.js';
import { FrontedEngine, type Host } from '../fronted-engine.js';
import { CLIENTS, IMAGE, type Client } from './clients.js';

const USAGE = `Runs clients of Docker's API on a real dockerd, alone and through Foghorn, and compares
what they print. The table names a client that is not installed.

  --only NAME,…    some of them: ${CLIENTS.map(({ name }) => name).join(', ')}
  --files DIR      files that no package has: autoheal (its docker-entrypoint), docker-gen (the
                   program), node_modules (with testcontainers)`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    files: { type: 'string', default: '/nonexistent' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else await compareAll(values.only?.split(','), values.files);

async function compareAll(only: readonly string[] | undefined, files: string): Promise<void> {
  const cleanup = new Cleanup();
  try {
    const engine = await FrontedEngine.start(cleanup);
    await importImage(engine);
    console.log("| client | Foghorn's answers |\n| --- | --- |");
    for (const client of CLIENTS) {
      if (only?.includes(client.name) === false) continue;
      console.log(`| ${client.name} | ${await compare(engine, client, files)} |`);
    }
  } finally {
    await cleanup.run();
  }
}

/** Gives the engine an image with a shell and all of busybox's commands. */
async function importImage(engine: FrontedEngine): Promise<void> {
  const root = engine.broker.file('root');
  const script = `
    mkdir -p $0/bin $0/tmp $0/etc
    cp "$(command -v busybox)" $0/bin/busybox
    chroot $0 /bin/busybox --install -s /bin
    tar -C $0 -c . | docker import - ${IMAGE}`;
  await engine.run('dockerd', ['sh', '-c', script, root]).succeeded();
}

async function compare(engine: FrontedEngine, client: Client, files: string): Promise<string> {
  const needed = await engine.run('dockerd', script(client.needs ?? 'true', files)).exited;
  if (needed.code !== 0) return `not compared: needs ${client.needs ?? ''}`;
  const [dockerd, foghorn] = [
    await shown(engine, 'dockerd', client, files),
    await shown(engine, 'foghorn', client, files),
  ];
  if (foghorn === dockerd) return `the same, ${foghorn.split('\n').length} lines`;
  process.exitCode = 1;
  return `differ\n--- dockerd alone\n${dockerd}\n--- Foghorn\n${foghorn}`;
}

/** Returns the lines of a client and its exit code, without ids, times and measured numbers. */
async function shown(
  engine: FrontedEngine,
  host: Host,
  client: Client,
  files: string,
): Promise<string> {
  const [program = '', ...args] = script(client.script, files);
  const env = {
    ...engine.env(host),
    SOCKET: engine.path(host),
    // testcontainers starts a container that removes others, and looks for a bridge.
    TESTCONTAINERS_RYUK_DISABLED: 'true',
    TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1',
  };
  const child = new Child(program, ['-c', ...args.slice(1)], { env });
  const { code } = await child.exited;
  const lines = [...child.stdout, ...child.stderr, `exit ${code ?? 'by a signal'}`];
  return lines.map((line) => comparable(line).replaceAll(engine.path(host), 'SOCKET')).join('\n');
}

function script(text: string, files: string): string[] {
  return ['/bin/bash', '-c', text, 'bash', files, import.meta.dirname];
}

/** A line without ids, times and measured numbers. */
function comparable(line: string): string {
  return line
    .replace(/\b[0-9a-f]{12,64}\b/g, 'ID')
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.,]+\S*/g, 'TIME')
    .replace(/\d\d:\d\d(:\d\d)?/g, 'TIME')
    .replace(/\d+(\.\d+)?(%|[kMG]?i?B)/g, 'N$2')
    .replace(/\d{4,}/g, 'N')
    .trimEnd();
}
