import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { connect, events, pack, type Client, type ReadOptions } from '../../client/index.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import type { Child } from '../../test/support/processes/child.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';

const PUBLISHERS = 8;

/** System calls that fail with EIO on the data file, and the first one that does. */
const FAULTS = [
  { name: 'a flush', calls: 'fdatasync', when: '1' },
  { name: 'every flush', calls: 'fdatasync', when: '1+' },
  { name: 'the first write', calls: 'pwrite64,pwritev,write,writev', when: '1' },
  { name: 'a later write', calls: 'pwrite64,pwritev,write,writev', when: '3' },
  { name: 'every write', calls: 'pwrite64,pwritev,write,writev', when: '1+' },
] as const;

/** Injects I/O errors into a real broker with strace. */
describe('lmdb store: on a disk that fails', function () {
  this.timeout(60_000);
  const cleanup = new Cleanup();
  let broker: BrokerProcess;
  let client: Client;

  beforeEach(async () => {
    broker = await BrokerProcess.create(cleanup);
    client = connect({ address: broker.address, namespace: 'default' });
    cleanup.defer(() => client.close());
  });
  afterEach(() => cleanup.run());

  /** Attaches strace to the broker; resolves once the calls on its data file will fail. */
  async function inject(child: Child, calls: string, when: string): Promise<void> {
    const { pid } = JSON.parse(child.stderr[0]!) as { readonly pid: number };
    const fault = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO:when=${when}`];
    const file = join(broker.store, 'data.mdb');
    const strace = spawn(
      'strace',
      ['-f', ...fault, '-P', file, '-p', `${pid}`, '-o', '/dev/null'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    cleanup.defer(() => strace.kill('SIGKILL'));
    await once(strace.stderr, 'data');
  }

  /** Publishes until the broker ends; returns the containers of all acknowledged events. */
  async function publishUntilEnd(child: Child): Promise<string[]> {
    const acknowledged: string[] = [];
    const publish = async (publisher: number): Promise<void> => {
      for (let i = 0; child.running; i++) {
        const containerId = `${publisher}-${i}`;
        const event = pack(events.TaskOOM, { containerId });
        const published = client.publish({ topic: '/tasks/oom', event }, { timeout: 2000 });
        await published.then(
          () => acknowledged.push(containerId),
          () => undefined,
        );
      }
    };
    const publishers = Array.from({ length: PUBLISHERS }, (_, publisher) => publish(publisher));
    await Promise.all([...publishers, readUntilEnd(child)]);
    return acknowledged;
  }

  /** Reads the history again and again: LMDB refuses reads, too, as soon as a write has failed. */
  async function readUntilEnd(child: Child): Promise<void> {
    const ended = new AbortController();
    void child.exited.then(() => {
      ended.abort();
    });
    while (child.running) await storedContainers({ signal: ended.signal }).catch(() => undefined);
  }

  async function storedContainers(options: ReadOptions = {}): Promise<Set<string>> {
    const containers = new Set<string>();
    const read = client.read({ start: 'earliest', stopWhenCaughtUp: true, ...options });
    for await (const message of read) {
      if (message.kind !== 'entries') continue;
      for (const { event } of message.entries) {
        containers.add(events.TaskOOM.decode(event!.value).containerId);
      }
    }
    return containers;
  }

  for (const [call, error] of [
    ['mmap', 'ENODEV'],
    ['fcntl', 'ENOLCK'],
  ] as const) {
    it(`is refused with a reason on a file system where ${call} fails`, async () => {
      const probe = join(broker.store, 'probe');
      const files = ['data.mdb', 'lock.mdb'].flatMap((name) => ['-P', join(probe, name)]);
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`];
      // A preloaded library makes the file system doubtful.
      const under = ['env', 'LD_PRELOAD=libc.so.6', 'strace', '-f', ...inject, ...files];
      const child = await broker.launch({ under: [...under, '-o', '/dev/null'] });
      expect(await child.exited).deep.equal({ code: 1, signal: null });
      expect(child.stderr.join(' '))
        .contain(broker.store)
        .contain('lacks shared memory maps or file locks');
    });
  }

  for (const { name, calls, when } of FAULTS) {
    it(`exits with 1 and one line when ${name} fails, and loses nothing`, async () => {
      const child = await broker.start();
      await inject(child, calls, when);
      const acknowledged = await publishUntilEnd(child);
      expect(await child.exited).deep.equal({ code: 1, signal: null });
      const failures = child.stderr.filter((line) => /"level":[56]0/.test(line));
      expect(failures).length(1);
      expect(failures[0]).contain('the store has failed, exiting: writing data.mdb failed');

      await broker.start();
      expect(acknowledged).not.empty;
      const stored = await storedContainers();
      expect(acknowledged.filter((container) => !stored.has(container))).deep.equal([]);
    });
  }
});
