import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { builtMain } from '../support/processes/build.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { findInstalled } from './installed.js';

const COMPLETING = new URL('python/completing.py', import.meta.url).pathname;

/** Lines as typed, and what Tab makes of them, without the space that may follow. */
const LINES: readonly (readonly [typed: string, completed: string])[] = [
  ['foghorn eve', 'foghorn events'],
  ['fh bridge cont', 'fh bridge containerd'],
  ['foghorn help conte', 'foghorn help context'],
  ['foghorn events --format=clo', 'foghorn events --format=cloudevents'],
  ['foghorn serve --store mem', 'foghorn serve --store memory:'],
  [
    'foghorn serve --engine unix:///proc/self/environ',
    'foghorn serve --engine unix:///proc/self/environ',
  ],
  ['foghorn monitor -- md5su', 'foghorn monitor -- md5sum'],
  [
    'foghorn publish --type containerd.events.TaskOO',
    'foghorn publish --type containerd.events.TaskOOM',
  ],
  ['fh wait "we', 'fh wait "webserver"'],
  ['foghorn events --container=web', 'foghorn events --container=webserver'],
  ['foghorn events --topic /jo', 'foghorn events --topic /jobs/done'],
];

describe('completion in real shells', () => {
  const cleanup = new Cleanup();
  let broker: BrokerProcess;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    await findInstalled(['zsh', 'fish']);
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    const publish = async (namespace: string, topic: string, ...payload: string[]) => {
      const args = ['-n', namespace, 'publish', '--topic', topic, ...payload];
      await (await broker.run(args)).succeeded();
    };
    const create = ['--type', 'containerd.events.ContainerCreate', '--json', '{"id":"webserver"}'];
    await publish('moby', '/containers/create', ...create);
    await publish('default', '/jobs/done', '--json', '{}');
    const bin = broker.file('bin');
    await mkdir(bin);
    await writeFile(join(bin, 'foghorn'), `#!/bin/sh\nexec ${await builtMain()} "$@"\n`);
    await chmod(join(bin, 'foghorn'), 0o755);
    env = {
      ...process.env,
      FOGHORN_ADDRESS: broker.address,
      PATH: `${bin}:${process.env.PATH ?? ''}`,
    };
  });
  after(() => cleanup.run());

  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`completes commands, files and what the broker knows in ${shell}`, async () => {
      const script = broker.file(`completion.${shell}`);
      const { stdout } = await (await broker.run(['completion', shell])).succeeded();
      await writeFile(script, stdout.join('\n'));
      const input = Buffer.from(LINES.map(([typed]) => `${typed}\n`).join(''));
      const python = ['/usr/bin/python3', COMPLETING, shell, script] as const;
      const child = new Child(python[0], python.slice(1), { env, input });
      const completed = (await child.succeeded()).stdout.map((line) => line.trimEnd());
      expect(completed).to.deep.equal(LINES.map(([, expected]) => expected));
    });
  }
});
