import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { transform } from 'esbuild';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';

const ROOT = resolve(import.meta.dirname, '../..');
const MAX_BYTES = 10_000_000;

/** Node's program, which may be another version than the one that runs the tests. */
const NODE = process.env.FOGHORN_CLIENT_NODE ?? process.execPath;

/** A project without anything but the packed client. */
describe('the package foghorn-client', () => {
  const cleanup = new Cleanup();
  let project: string;
  let broker: BrokerProcess;
  let programs: string[];

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'foghorn-client-'));
    cleanup.defer(() => rm(project, { recursive: true, force: true }));
    await new Child('npx', ['tsx', 'scripts/client-package.ts'], { cwd: ROOT }).succeeded();
    const pack = ['pack', join(ROOT, 'dist-client'), '--pack-destination', project, '--silent'];
    const { stdout } = await new Child('npm', pack, { cwd: project }).succeeded();
    await writeFile(join(project, 'package.json'), '{ "type": "module" }');
    const install = ['install', '--offline', '--no-audit', '--no-fund', `./${stdout[0] ?? ''}`];
    await new Child('npm', install, { cwd: project }).succeeded();
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    programs = await readPrograms();
  });
  after(() => cleanup.run());

  /** The programs of its README, with the broker of this test. */
  async function readPrograms(): Promise<string[]> {
    const readme = await readFile(join(installed(), 'README.md'), 'utf8');
    return [...readme.matchAll(/```ts\n(import [^]*?)```/g)].map(([, program = '']) =>
      program
        .replaceAll('unix:///run/foghorn/foghorn.sock', broker.address)
        .replaceAll('/var/spool/my-service', join(project, 'spool'))
        .replaceAll('/var/lib/my-service/', `${project}/`),
    );
  }

  function installed(): string {
    return join(project, 'node_modules/foghorn-client');
  }

  async function run(name: string, program: string): Promise<Child> {
    const { code } = await transform(program, { loader: 'ts', format: 'esm' });
    await writeFile(join(project, name), code);
    return new Child(NODE, [name], { cwd: project });
  }

  it(`is one package of less than ${MAX_BYTES} bytes, without source maps`, async () => {
    const names = (await readdir(join(project, 'node_modules'))).filter(
      (name) => !name.startsWith('.'),
    );
    expect(names).to.deep.equal(['foghorn-client']);
    const files = await readdir(installed(), { recursive: true });
    const sizes = await Promise.all(files.map((file) => stat(join(installed(), file))));
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).to.be.below(MAX_BYTES);
    expect(files.filter((file) => file.endsWith('.map'))).to.deep.equal([]);
  });

  it('says which package a spool needs', async () => {
    const child = await run(
      'spool.js',
      `import { connect } from 'foghorn-client';
      const client = connect({ address: '${broker.address}', spool: './spool' });
      await client.publish({ topic: '/a' }).catch((error) => console.log(error.message));
      await client.close();`,
    );
    expect((await child.succeeded()).stdout.join()).to.contain('npm install lmdb');
  });

  it('runs the programs of its README', async () => {
    await symlink(join(ROOT, 'node_modules/lmdb'), join(project, 'node_modules/lmdb'));
    const exit = ['--topic', '/tasks/exit', '--type', 'containerd.events.TaskExit'];
    const json = '{"container_id":"web","id":"web","pid":7,"exit_status":3}';
    await (await broker.run(['publish', ...exit, '--json', json])).succeeded();
    const [reading = '', resuming = '', publishing = '', runs = ''] = programs;
    for (const program of [reading, resuming]) {
      const reader = await run('reading.js', program);
      await reader.until('print the exit', () => reader.stdout.join().includes('web'));
      await reader.end('SIGTERM');
    }
    await (await run('publishing.js', publishing)).succeeded();
    const { stdout } = await (await broker.run(['events', '--no-follow'])).succeeded();
    expect(stdout.join()).to.contain('/tasks/oom');
    expect((await (await run('runs.js', runs)).succeeded()).stdout.join()).to.contain('web 3');
  });

  it('traces in a program that has an SDK of OpenTelemetry', async () => {
    await symlink(
      join(ROOT, 'node_modules/@opentelemetry'),
      join(project, 'node_modules/@opentelemetry'),
    );
    const child = await run(
      'traced.js',
      `import { trace } from '@opentelemetry/api';
      import { connect } from 'foghorn-client';
      trace.setGlobalTracerProvider({
        getTracer: (name, version) => (console.log(name, version), {}),
      });
      const client = connect({ address: '${broker.address}' });
      await client.publish({ topic: '/traced' });
      await client.close();`,
    );
    const { version } = JSON.parse(await readFile(join(installed(), 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect((await child.succeeded()).stdout).to.deep.equal([`foghorn-client ${version}`]);
  });

  it('has the same classes for import and require', async () => {
    const program = `import { createRequire } from 'node:module';
      import { FoghornError } from 'foghorn-client';
      const other = createRequire(import.meta.url)('foghorn-client');
      console.log(FoghornError === other.FoghornError);`;
    expect((await (await run('both.js', program)).succeeded()).stdout).to.deep.equal(['true']);
  });

  const RESOLUTIONS: [resolution: string, files: string[], flags: string[]][] = [
    ['NodeNext', ['program.mts', 'program.cts'], ['--skipLibCheck', 'false']],
    ['node10', ['program.ts'], ['--skipLibCheck', '--ignoreDeprecations', '6.0']],
  ];
  for (const [resolution, files, flags] of RESOLUTIONS) {
    it(`has types for ${files.join(', ')} with module resolution ${resolution}`, async () => {
      const types = join(project, 'node_modules/@types');
      await mkdir(types, { recursive: true });
      await symlink(join(ROOT, 'node_modules/@types/node'), join(types, 'node')).catch(() => {});
      for (const file of files) await writeFile(join(project, file), TYPED);
      const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict'];
      const module = resolution === 'node10' ? 'CommonJS' : resolution;
      const kind = [
        '--target',
        'ES2023',
        '--lib',
        'ES2023',
        '--module',
        module,
        '--moduleResolution',
        resolution,
      ];
      const command = [...tsc, ...kind, ...flags, '--types', 'node', ...files];
      await new Child(process.execPath, command, { cwd: project }).succeeded();
    });
  }
});

/** Fails to compile unless types are found, and are not \`any\`. */
const TYPED = `
import { connect, unpack, type Entry } from 'foghorn-client';
export function codeOf(entry: Entry): number | undefined {
  const unpacked = unpack(entry.event);
  // @ts-expect-error There is no such type.
  if (unpacked?.type === 'no.such.Type') return undefined;
  return unpacked?.type === 'containerd.events.TaskExit' ? unpacked.value.exitStatus : undefined;
}
export const client = connect({ address: 'unix:///x' });
// @ts-expect-error A number is no time.
client.read({ start: { since: 5 } });
client.read({ start: { since: new Date() } });
`;
