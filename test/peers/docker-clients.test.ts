import { existsSync, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import Dockerode from 'dockerode';
import { Docker as NodeDockerApi } from 'node-docker-api';
import { connect } from '../../client/index.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { eventually } from '../support/eventually.js';
import { startEngineProxy } from './engine-proxy.js';
import { findInstalled } from './installed.js';
import { RecordedEngine } from './recorded-engine.js';

const BOX = ['--network', 'none', '--label', 'team=blue'];
const shell = (script: string): string[] => ['busybox:latest', '/bin/sh', '-c', script];

/** Events of container `web`, from its start to its end. */
const ACTIONS = ['create', 'start', 'die', 'destroy'];

describe('Docker clients', () => {
  const cleanup = new Cleanup();
  let engine: RecordedEngine;
  let proxies = 0;
  /** Path of the broker's Docker socket. */
  let socketPath: string;

  before(async () => {
    await findInstalled(['docker-compose', 'curl']);
    engine = await RecordedEngine.start(cleanup);
    socketPath = engine.foghorn.replace('unix://', '');
    await engine
      .docker('dockerd', 'create', '--name', 'web', ...BOX, ...shell('exit 7'))
      .succeeded();
    await engine.docker('dockerd', 'start', 'web').succeeded();
    await engine.docker('dockerd', 'wait', 'web').succeeded();
    await engine.docker('dockerd', 'rm', 'web').succeeded();
    await engine.recorded();
    // It ended long ago, before this broker process started.
    await engine.broker.end('SIGKILL');
    await engine.startBroker();
  });

  after(() => cleanup.run());

  for (const client of dockerCommands()) {
    describe(`the docker command ${client}`, () => {
      const docker = (...args: string[]): Child =>
        new Child(client, ['--host', engine.foghorn, ...args], { env: { ...process.env } });

      it('shows events', async () => {
        const flags = ['--since', '0', '--until', '0s', '--filter', 'container=web'];
        const format = ['--format', '{{.Action}}'];
        const { stdout } = await docker('events', ...flags, ...format).succeeded();
        expect(stdout).to.deep.equal(ACTIONS);
      });

      it('waits for a container that ended long ago', async () => {
        const { stdout } = await docker('wait', 'web').succeeded();
        expect(stdout).to.deep.equal(['7']);
      });

      it('says why it cannot wait for an unknown container', async () => {
        const wait = docker('wait', 'nosuch');
        expect((await wait.exited).code).to.equal(1);
        expect(wait.stderr.join('\n')).to.include('No such container: nosuch');
      });

      it('shows the version and lists containers', async () => {
        await docker('version').succeeded();
        await docker('ps', '--all').succeeded();
      });

      for (const version of ['1.25', '1.41']) {
        it(`starts a container with API ${version} and exits with its code`, async () => {
          const name = `started-${version}`;
          const proxy = engine.broker.file(`proxy-${(proxies += 1)}.sock`);
          await startEngineProxy(proxy, socketPath, engine.dockerd.socket, cleanup);
          const create = ['create', '--name', name, ...BOX, ...shell('sleep 0.2; exit 9')];
          await engine.docker('dockerd', ...create).succeeded();
          const env = { ...process.env, DOCKER_API_VERSION: version };
          for (let run = 0; run < 2; run++) {
            const start = new Child(client, ['-H', `unix://${proxy}`, 'start', '-a', name], {
              env,
            });
            expect((await start.exited).code, start.stderr.join('\n')).to.equal(9);
          }
          await engine.docker('dockerd', 'rm', name).succeeded();
          const run = ['run', '--rm', '--name', `${name}-rm`, ...BOX, ...shell('exit 4')];
          const rm = new Child(client, ['-H', `unix://${proxy}`, ...run], { env });
          expect((await rm.exited).code, rm.stderr.join('\n')).to.equal(4);
        });
      }
    });
  }

  it('dockerode reads events and waits', async () => {
    const docker = new Dockerode({ socketPath });
    const until = Math.ceil(Date.now() / 1000);
    const stream = await docker.getEvents({ since: 1, until, filters: { container: ['web'] } });
    expect(actionsIn(await textOf(stream))).to.deep.equal(ACTIONS);
    expect(await docker.getContainer('web').wait()).to.deep.equal({ StatusCode: 7 });
    const bad = docker.getEvents({ since: 5, until: 1 });
    expect(String(await bad.catch((error: unknown) => error))).to.include('cannot be after');
  });

  it('node-docker-api reads events', async () => {
    const docker = new NodeDockerApi({ socketPath });
    const until = Math.ceil(Date.now() / 1000);
    const options = { since: 1, until, filters: JSON.stringify({ container: ['web'] }) };
    const stream = await docker.events(options);
    expect(actionsIn(await textOf(stream as AsyncIterable<Buffer>))).to.deep.equal(ACTIONS);
  });

  it('docker-py reads events and waits', async () => {
    const program = `
import docker, json, sys, time
client = docker.DockerClient(sys.argv[1])
events = client.events(decode=True, since=1, until=int(time.time()), filters={'container': 'web'})
print(json.dumps([event['status'] for event in events]))
print(json.dumps(client.api.wait('web')))
`;
    const python = new Child('/usr/bin/python3', ['-c', program, engine.foghorn]);
    const { stdout } = await python.succeeded();
    expect(JSON.parse(stdout[0]!)).to.deep.equal(ACTIONS);
    expect(JSON.parse(stdout[1]!)).to.deep.equal({ StatusCode: 7 });
  });

  it('docker-compose follows the events of its project', async () => {
    const file = engine.broker.file('compose.yml');
    const project = { version: '3', services: { one: { image: 'busybox:latest' } } };
    await writeFile(file, JSON.stringify(project));
    const env = { ...process.env, DOCKER_HOST: engine.foghorn };
    const before = await subscriptions();
    const compose = new Child('docker-compose', ['-p', 'team', '-f', file, 'events', '--json'], {
      env,
    });
    cleanup.defer(() => compose.end('SIGKILL'));
    const labels = [
      'project=team',
      'service=one',
      'oneoff=False',
      'container-number=1',
      'version=1.29.2',
      'config-hash=0',
    ];
    const flags = labels.flatMap((label) => ['--label', `com.docker.compose.${label}`]);
    await eventually(async () => (await subscriptions()) > before);
    // docker-compose inspects the container of each event, and leaves out one that is gone by then.
    const run = ['run', '--network', 'none', ...flags, ...shell('exit 3')];
    await engine.docker('dockerd', ...run).exited;
    await compose.until('report the die', () =>
      compose.stdout.some((line) => line.includes('"die"')),
    );
    const die = compose.stdout.find((line) => line.includes('"die"'))!;
    expect((JSON.parse(die) as { attributes: object }).attributes).to.include({ exitCode: '3' });
  });

  it('curl reads raw events', async () => {
    const filters = encodeURIComponent('{"container":["web"]}');
    const until = Math.ceil(Date.now() / 1000);
    const url = `http://d/events?since=1&until=${until}&filters=${filters}`;
    const curl = new Child('curl', ['-sN', '--max-time', '30', '--unix-socket', socketPath, url]);
    const { stdout } = await curl.succeeded();
    expect(actionsIn(stdout.join('\n'))).to.deep.equal(ACTIONS);
  });

  async function subscriptions(): Promise<number> {
    const client = connect({ address: engine.broker.address });
    try {
      return (await client.describe()).subscriptionCount;
    } finally {
      await client.close();
    }
  }
});

async function textOf(stream: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}

function actionsIn(lines: string): string[] {
  const events = lines.trim().split('\n');
  return events.map((line) => (JSON.parse(line) as { Action: string }).Action);
}

/** Returns every docker command on the PATH. */
function dockerCommands(): ReadonlySet<string> {
  const paths = (process.env.PATH ?? '').split(delimiter).map((path) => join(path, 'docker'));
  return new Set(paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)));
}
