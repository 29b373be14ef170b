import { expect } from 'chai';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/redis/free-port.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { findInstalled } from './installed.js';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'examples');
/** Debian's, which have the packages python3-grpcio and golang-google-grpc-dev. */
const PYTHON = '/usr/bin/python3';
const GO_PACKAGES = process.env.GOPATH ?? '/usr/share/gocode';

describe('the examples in other languages', () => {
  const cleanup = new Cleanup();
  let directory: string;
  /** Compiles meanwhile, which takes ten seconds. */
  let compiled: Promise<Child>;
  let compiledRust: Promise<Child>;

  before(async () => {
    await findInstalled(['protoc', 'go', 'protoc-gen-go', 'protoc-gen-go-grpc', 'rustc']);
    directory = await mkdtemp(join(tmpdir(), 'foghorn-examples-'));
    for (const language of ['python', 'go']) {
      const script = join(EXAMPLES, language, 'generate.sh');
      await new Child('sh', [script, join(directory, language)]).succeeded();
    }
    compiled = compileGo();
    compiled.catch(() => {});
    compiledRust = compileRust();
    compiledRust.catch(() => {});
  });
  afterEach(() => cleanup.run());
  after(async () => {
    await compiled.catch(() => {});
    await compiledRust.catch(() => {});
    await rm(directory, { recursive: true });
  });

  function compileGo(): Promise<Child> {
    const env = {
      ...process.env,
      GO111MODULE: 'off',
      GOCACHE: join(directory, 'cache'),
      GOPATH: `${join(directory, 'go')}:${GO_PACKAGES}`,
    };
    const args = ['build', '-o', join(directory, 'example'), join(EXAMPLES, 'go/main.go')];
    return new Child('go', args, { env }).succeeded();
  }

  function compileRust(): Promise<Child> {
    const source = join(EXAMPLES, 'rust/main.rs');
    const args = ['--edition', '2021', '-o', join(directory, 'rust-example'), source];
    return new Child('rustc', args).succeeded();
  }

  function runPython(args: readonly string[]): Promise<Child> {
    const env = { ...process.env, PYTHONPATH: join(directory, 'python') };
    const program = join(EXAMPLES, 'python/foghorn_example.py');
    return Promise.resolve(new Child(PYTHON, [program, ...args], { env }));
  }

  async function runGo(args: readonly string[]): Promise<Child> {
    await compiled;
    return new Child(join(directory, 'example'), args);
  }

  for (const [language, run, shown] of [
    ['Python', runPython, '/jobs/done {"job": "backup"}'],
    ['Go', runGo, '/jobs/done map[job:backup]'],
  ] as const) {
    it(`${language} publishes, follows across a crash of the broker, and waits`, async () => {
      const broker = await BrokerProcess.create(cleanup);
      await broker.start();
      const bookmark = broker.file('bookmark');
      const follow = async (): Promise<Child> => {
        const child = await run([broker.address, 'follow', bookmark]);
        cleanup.defer(() => child.end('SIGKILL'));
        return child;
      };
      const publish = async (): Promise<void> => {
        const args = [broker.address, 'publish', '/jobs/done', '{"job":"backup"}'];
        await (await run(args)).succeeded();
      };

      const first = await follow();
      await publish();
      await first.until('follow', () => first.stdout.includes(shown));
      await broker.end('SIGKILL');
      await broker.start();
      await publishExit(broker, 'web', 137);
      await first.until('resume', () => first.stdout.includes('/tasks/exit web exited 137'));
      expect(first.stdout).to.deep.equal([shown, '/tasks/exit web exited 137']);
      const { cursor } = await lastEvent(broker);
      await eventually(async () => (await readFile(bookmark, 'utf8')) === cursor);
      await first.end('SIGKILL');

      await publish();
      const second = await follow();
      await second.until('continue', () => second.stdout.length > 0);
      expect(second.stdout).to.deep.equal([shown]);

      const waiting = await run([broker.address, 'wait', 'web']);
      expect((await waiting.succeeded()).stdout).to.deep.equal(['137']);
    });
  }

  it('Rust does the same over HTTP', async () => {
    await compiledRust;
    const http = `127.0.0.1:${await freePort()}`;
    const broker = await BrokerProcess.create(cleanup, ['--http', http]);
    await broker.start();
    const run = (...args: string[]): Child => {
      const child = new Child(join(directory, 'rust-example'), [http, ...args]);
      cleanup.defer(() => child.end('SIGKILL'));
      return child;
    };
    const bookmark = broker.file('bookmark');
    const topics = ({ stdout }: Child): string[] =>
      stdout.map((line) => (JSON.parse(line) as { topic: string }).topic);
    const publish = (): Promise<Child> =>
      run('publish', '/jobs/done', '{"job":"backup"}').succeeded();

    const first = run('follow', bookmark);
    await publish();
    await first.until('follow', () => first.stdout.length > 0);
    expect(JSON.parse(first.stdout[0] ?? '')).to.deep.include({
      topic: '/jobs/done',
      event: { '@type': 'google.protobuf.Struct', value: { job: 'backup' } },
    });
    await broker.end('SIGKILL');
    await broker.start();
    await publishExit(broker, 'web', 137);
    await first.until('resume', () => first.stdout.length > 1);
    expect(topics(first)).to.deep.equal(['/jobs/done', '/tasks/exit']);
    const { cursor } = await lastEvent(broker);
    await eventually(async () => (await readFile(bookmark, 'utf8')) === cursor);
    await first.end('SIGKILL');

    await publish();
    const second = run('follow', bookmark);
    await second.until('continue', () => second.stdout.length > 0);
    expect(topics(second)).to.deep.equal(['/jobs/done']);

    const { stdout } = await run('wait', 'web').succeeded();
    expect(JSON.parse(stdout.join(''))).to.deep.include({ exit_code: 137 });
    const refused = await run('publish', 'jobs', '{}').exited;
    expect(refused.code).to.equal(1);
  });

  it('protoc finds every .proto file of the package with one -I', async () => {
    const protos = join(ROOT, 'protos');
    const files = (await readdir(protos, { recursive: true })).filter((name) =>
      name.endsWith('.proto'),
    );
    expect(files).to.include('foghorn/v1/history.proto');
    await new Child('protoc', ['-I', protos, '--descriptor_set_out=/dev/null', ...files], {
      cwd: protos,
    }).succeeded();
  });
});

async function publishExit(broker: BrokerProcess, id: string, code: number): Promise<void> {
  const json = { container_id: id, id, pid: 7, exit_status: code };
  const type = ['--type', 'containerd.events.TaskExit', '--json', JSON.stringify(json)];
  const child = await broker.run(['publish', '--topic', '/tasks/exit', ...type]);
  await child.succeeded();
}

async function lastEvent(broker: BrokerProcess): Promise<{ readonly cursor: string }> {
  const args = ['events', '--no-follow', '--last', '1', '--format', 'json'];
  const { stdout } = await (await broker.run(args)).succeeded();
  return JSON.parse(stdout.join('')) as { readonly cursor: string };
}
