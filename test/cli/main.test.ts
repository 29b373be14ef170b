import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { eventually } from '../support/eventually.js';
import { builtMain } from '../support/processes/build.js';
import { TestBroker } from './test-broker.js';
import { foghorn } from './test-terminal.js';

type Process = ChildProcessByStdio<Writable, Readable, Readable>;

interface LogLine {
  readonly msg: string;
  readonly api?: string;
  readonly settings?: object;
}

/** Runs the built file itself, as users do. */
describe('the foghorn process', () => {
  let broker: TestBroker;
  let processes: Process[];

  beforeEach(async () => {
    processes = [];
    broker = await new TestBroker().start();
  });

  afterEach(async () => {
    for (const process of processes) process.kill('SIGKILL');
    await broker.remove();
  });

  async function start(args: string[], env: Record<string, string> = {}): Promise<Process> {
    const child = spawn(await builtMain(), args, {
      env: {
        PATH: process.env.PATH,
        FOGHORN_ADDRESS: broker.address,
        FOGHORN_HTTP: 'none',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    processes.push(child);
    return child;
  }

  async function exitCode(child: Process): Promise<number | null> {
    if (child.exitCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  it('takes address and namespace from the environment, where empty means unset', async () => {
    const publish = await start(['publish', '--topic', '/a'], {
      CONTAINERD_NAMESPACE: 'moby',
      FOGHORN_PROTO: '',
    });
    publish.stdin.end();
    expect(await text(publish.stderr)).to.equal('');
    expect(await exitCode(publish)).to.equal(0);
    for await (const message of broker.client.read({ start: 'earliest', limit: 1 })) {
      if (message.kind === 'entries') expect(message.entries[0]?.namespace).to.equal('moby');
    }
  });

  it('exits silently when the reader of its output closes the pipe', async () => {
    for (const topic of ['/a', '/b', '/c']) await broker.client.publish({ topic });
    const events = await start(['events', '--since', '1h']);
    await once(events.stdout, 'data');
    events.stdout.destroy();
    const stderr = text(events.stderr);
    await broker.client.publish({ topic: '/d' });
    expect(await exitCode(events)).to.equal(0);
    expect(await stderr).to.equal('');
  });

  it('ends with 0 at SIGINT and leaves nothing unwritten', async () => {
    await broker.client.publish({ topic: '/a' });
    const events = await start(['events', '--since', '1h']);
    const [chunk] = (await once(events.stdout, 'data')) as [Buffer];
    expect(chunk.toString()).to.match(/ default \/a \n$/);
    events.kill('SIGINT');
    expect(await exitCode(events)).to.equal(0);
  });

  it('exits after a failure without reading the rest of its input', async () => {
    const forward = await start(['forward']);
    forward.stdin.write('{\n');
    expect(await text(forward.stderr)).to.match(/^foghorn: line 1: .*\n$/);
    expect(await exitCode(forward)).to.equal(1);
  });

  it('serves until SIGTERM, and prints only its addresses', async () => {
    const address = `unix://${broker.directory}/second.sock`;
    const serve = await start([
      'serve',
      '--grpc',
      address,
      '--store',
      'memory:',
      '--log-level',
      'silent',
    ]);
    const printed = text(serve.stdout);
    await eventually(() => existsSync(`${broker.directory}/second.sock.ttrpc`));
    serve.kill('SIGTERM');
    expect(await printed).to.equal(`listening on ${address}\nlistening on ${address}.ttrpc\n`);
    expect(await exitCode(serve)).to.equal(0);
  });

  it('starts without HTTP, with a warning, where the default address is in use', async () => {
    const [first, second] = ['one', 'two'].map((name) => [
      'serve',
      '--grpc',
      `unix://${broker.directory}/${name}.sock`,
      '--store',
      'memory:',
    ]);
    // An empty variable counts as unset, so the default address is tried.
    const one = await start(first!, { FOGHORN_HTTP: '' });
    await once(one.stdout, 'data');
    const two = await start(second!, { FOGHORN_HTTP: '', FOGHORN_LOG_FORMAT: 'text' });
    const logged = text(two.stderr);
    const printed = text(two.stdout);
    await eventually(() => existsSync(`${broker.directory}/two.sock.ttrpc`));
    two.kill('SIGTERM');
    expect(await logged).to.match(
      /http: cannot listen on 127\.0\.0\.1:7878: .*EADDRINUSE.*--http none/,
    );
    expect(await logged).to.match(/^[-\d]{10} [:\d]{8}\.\d{3} INFO {2}starting foghorn version=/);
    expect(await printed).to.not.include('http://');
    expect(await exitCode(two)).to.equal(0);
  });

  it('prefers flags to the environment, and logs the settings in JSON when piped', async () => {
    const address = `unix://${broker.directory}/second.sock`;
    const limits = ['--retain-age', '12h', '--retain-bytes', 'none', '--retain-count', '7'];
    const serve = await start(['serve', '--grpc', address, '--store', 'memory:', ...limits], {
      FOGHORN_RETAIN_BYTES: '1KiB',
      FOGHORN_RETAIN_EXITS: '90d',
    });
    const logged = text(serve.stderr);
    await once(serve.stdout, 'data');
    const { stdout } = await foghorn(['-a', address, 'describe', '--format', 'json']);
    expect((JSON.parse(stdout) as { retention: unknown }).retention).to.deep.equal({
      age_seconds: 12 * 3600,
      bytes: null,
      count: 7,
      exits_age_seconds: 90 * 86_400,
      exits_bytes: 512 * 1024 * 1024,
    });
    serve.kill('SIGTERM');
    const lines = (await logged).trim().split('\n');
    const [starting, ...others] = lines.map((line) => JSON.parse(line) as LogLine);
    expect(starting).to.deep.include({ level: 30, msg: 'starting foghorn' });
    expect(starting!.settings).to.deep.include({ store: 'memory:', grpc: [address] });
    const listening = others.filter(({ msg }) => msg === 'listening');
    expect(listening.map(({ api }) => api)).to.deep.equal(['grpc', 'ttrpc']);
  });

  it('reports why it cannot serve', async () => {
    const serve = await start(['serve', '--grpc', broker.address, '--store', 'nosql:x']);
    expect(await text(serve.stderr)).to.match(/^foghorn: .*nosql:x.*\n$/);
    expect(await exitCode(serve)).to.equal(2);
  });
});
