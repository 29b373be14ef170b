import { eventually } from '../support/eventually.js';
import type { Cleanup } from '../support/processes/cleanup.js';
import type { FrontedEngine } from './fronted-engine.js';
import { plain } from './plain.js';

/** A code and the lines that a command has printed. */
type Output = readonly unknown[];

/** Flags of `ctr run`, without cgroups, which a sandbox may forbid. */
function boxFlags({ broker, containerd }: FrontedEngine): string[] {
  const runc = ['--cgroup', '', '--runc-root', broker.file('runc')];
  return ['--null-io', ...runc, '--rootfs', containerd.rootFilesystem];
}

/** Runs containers, tasks and images by ctr at an address; resolves with what it shows. */
export async function ctrOutputs(engine: FrontedEngine, address: string): Promise<Output[]> {
  const ctr = async (...args: string[]): Promise<Output> => {
    const child = engine.run('foghorn', ['ctr', '--address', address, ...args]);
    const { code } = await child.exited;
    return [args[0], code, child.stdout.map(plain), child.stderr.map(plain)];
  };
  const box = boxFlags(engine);
  const archive = engine.broker.file('image.tar');
  const image = 'docker.io/library/passed:latest';
  return [
    await ctr('run', '--rm', ...box, 'short', '/bin/sh', '-c', 'exit 6'),
    await ctr('run', '--detach', ...box, 'long', '/bin/sleep', '60'),
    await ctr('tasks', 'exec', '--exec-id', 'e', 'long', '/bin/sh', '-c', 'echo hello; exit 3'),
    await ctr('containers', 'ls'),
    await ctr('tasks', 'kill', '--signal', 'KILL', 'long'),
    await ctr('tasks', 'delete', '--force', 'long'),
    await ctr('containers', 'rm', 'long'),
    await ctr('tasks', 'ls'),
    await ctr('namespaces', 'ls'),
    await ctr('snapshots', 'ls'),
    await ctr('tasks', 'delete', 'nosuch'),
    await ctr('images', 'tag', '--force', 'docker.io/library/tiny:latest', image),
    await ctr('images', 'export', archive, image),
    await ctr('images', 'rm', '--sync', image),
    await ctr('images', 'import', '--no-unpack', archive),
    await ctr('images', 'ls', '--quiet'),
    await ctr('images', 'rm', '--sync', image),
  ];
}

/** Resolves with the topics of the events of a task that ctr starts, kills and removes. */
export async function topicsOfKilledTask(
  engine: FrontedEngine,
  address: string,
  cleanup: Cleanup,
): Promise<string[]> {
  const ctr = (...args: string[]) => engine.run('foghorn', ['ctr', '--address', address, ...args]);
  const events = ctr('events');
  cleanup.defer(() => events.end('SIGKILL'));
  // containerd does not report when a subscription has begun.
  await eventually(async () => {
    await ctr('namespaces', 'label', 'default', `now=${Date.now()}`).succeeded();
    return events.stdout.some((line) => line.includes('/namespaces/update'));
  });
  const topics = (): string[] => {
    const lines = events.stdout.filter((line) => line.includes('"watched"'));
    return lines.map((line) => / (\/\S+) \{/.exec(line)?.[1] ?? line);
  };
  const run = ctr('run', '--rm', ...boxFlags(engine), 'watched', '/bin/sleep', '60');
  await events.until('show the start', () => topics().includes('/tasks/start'));
  await ctr('tasks', 'kill', '--signal', 'KILL', 'watched').succeeded();
  const { code } = await run.exited;
  await events.until('show the removal', () => topics().includes('/containers/delete'));
  await events.end('SIGKILL');
  return [...topics(), `code ${code ?? 'none'}`];
}
