import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../cli/program.js';
import { connect, events, pack, type Client } from '../../../client/index.js';
import { containerEvent, ScriptedEngine } from '../../bridge/docker/scripted-engine.js';
import { Authority } from '../../support/access/authority.js';
import { writeTokenAccess } from '../../support/access/token-access.js';
import { eventually } from '../../support/eventually.js';
import { foghorn as foghornProcess } from '../../support/processes/broker-process.js';
import { TestServer } from '../../support/test-server.js';
import { testTerminal } from '../test-terminal.js';

const TOKEN = 'fhn_the-token-of-this-test';
const EVENT = pack(events.TaskOOM, events.TaskOOM.create({ containerId: 'a' }));

describe('commands that send events to a broker with TLS and tokens', function () {
  this.timeout(60_000);

  let authority: Authority;
  let server: TestServer;
  let client: Client;
  let security: readonly string[];

  before(async () => {
    authority = new Authority();
    const access = authority.path('access.yaml');
    writeTokenAccess(access, TOKEN);
    const { cert, key } = authority.server();
    const tls = { cert, key, clientCa: undefined };
    server = await TestServer.start({ grpc: ['127.0.0.1:0'], docker: [], access, tls });
    const tokenFile = authority.path('token');
    writeFileSync(tokenFile, `${TOKEN}\n`);
    security = ['-a', server.address, '--tls-ca', authority.ca, '--token-file', tokenFile];
    client = connect({ address: server.address, tls: { ca: authority.ca }, token: TOKEN });
  });

  after(async () => {
    await client.close();
    await server.stop();
    authority.remove();
  });

  const spool = (name: string): string[] => ['--spool', join(server.directory, name)];

  async function arrived(topic: string, namespace: string): Promise<void> {
    const filters = [`topic=="${topic}"`, `namespace==${namespace}`];
    const signal = AbortSignal.timeout(20_000);
    for await (const { kind } of client.read({
      filters: [filters.join(',')],
      start: 'earliest',
      signal,
    })) {
      if (kind === 'entries') return;
    }
    throw new Error(`${topic} did not arrive`);
  }

  it('record a containerd', async () => {
    const containerd = await TestServer.start();
    const terminal = testTerminal();
    const from = ['record', 'containerd', '--from', containerd.address];
    const recorder = run(terminal, [...security, ...from, ...spool('containerd')]);
    const source = connect({ address: containerd.address, namespace: 'recorded' });
    await terminal.shows('recording');
    await source.publish({ topic: '/tasks/oom', event: EVENT });
    await arrived('/tasks/oom', 'recorded');
    terminal.interrupt();
    expect(await recorder).to.equal(0);
    await source.close();
    await containerd.stop();
  });

  it('record a Docker engine', async () => {
    const engine = await new ScriptedEngine().start();
    const terminal = testTerminal();
    const from = ['-n', 'engine', 'record', 'docker', '--from', engine.address];
    const recorder = run(terminal, [...security, ...from, ...spool('docker')]);
    await eventually(() => engine.listeners === 1);
    const time = BigInt(Date.now()) * 1_000_000n;
    engine.tell(time, containerEvent(time, 'start'));
    await arrived('/foghorn/docker-recording', 'engine');
    terminal.interrupt();
    expect(await recorder).to.equal(0);
    await engine.remove();
  });

  it('report that the end of a monitored command is lost', async () => {
    const words = ['-n', 'killed', 'monitor', '--container', 'job', ...spool('monitor')];
    const ends = join(server.directory, 'the-command-ends');
    const command = ['--', 'sh', '-c', `while [ ! -e ${ends} ]; do sleep 0.05; done`];
    const monitor = await foghornProcess([...security, ...words, ...command]);
    await arrived('/tasks/start', 'killed');
    const killed = monitor.end('SIGKILL');
    // The command holds the output open.
    writeFileSync(ends, '');
    await killed;
    await arrived('/foghorn/observed-run', 'killed');
  });
});
