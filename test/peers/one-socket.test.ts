import { existsSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import Dockerode from 'dockerode';
import { Cleanup } from '../support/processes/cleanup.js';
import { FrontedEngine, type Host } from './fronted-engine.js';
import { findInstalled } from './installed.js';
import { importTinyImage } from './tiny-image.js';
import { ctrOutputs, topicsOfKilledTask } from './ctr-through.js';
import { plain } from './plain.js';
import { WaitRounds } from './wait-rounds.js';

const BOX = ['--network', 'none'];
const IMAGE = 'busybox:latest';
const TERMINAL = join(import.meta.dirname, 'python', 'terminal.py');
const shell = (script: string): string[] => [IMAGE, '/bin/sh', '-c', script];

/** Clients whose only socket is Foghorn's; each does the same on the engine's own. */
describe('one socket for everything', () => {
  const cleanup = new Cleanup();
  let engine: FrontedEngine;

  before(async () => {
    await findInstalled(['docker-compose', 'curl']);
    engine = await FrontedEngine.start(cleanup);
    await importTinyImage(engine.containerd, 'docker.io/library/tiny');
  });
  after(() => cleanup.run());

  /** Everything that a client shows and ends with, without ids and times. */
  async function shown(host: Host, command: readonly string[], input?: string): Promise<object> {
    const child = engine.run(host, command, input);
    const { code } = await child.exited;
    // A command whose container could not be started may give up its own wait, sooner or later.
    const stderr = child.stderr.filter((line) => !line.includes('context canceled'));
    return { code, stdout: child.stdout.map(plain), stderr: stderr.map(plain) };
  }

  /** Runs the same commands on both sockets. */
  async function same(...commands: (readonly string[])[]): Promise<void> {
    for (const command of commands) {
      const [foghorn, dockerd] = [await shown('foghorn', command), await shown('dockerd', command)];
      expect(foghorn, command.join(' ')).to.deep.equal(dockerd);
    }
  }

  for (const docker of dockerCommands()) {
    describe(docker, () => {
      it('runs containers with their exit codes, and reads what they print', () =>
        same(
          [docker, 'run', '--rm', ...BOX, ...shell('echo out; echo err >&2; exit 5')],
          [docker, 'run', '--rm', ...BOX, 'nosuch:image'],
          [docker, 'run', '--rm', ...BOX, IMAGE, '/nosuch'],
          [docker, 'run', '--rm', '--interactive', ...BOX, ...shell('exec 2>&1; read a; echo $a')],
        ));

      it('works on a running container', async () => {
        const name = 'works';
        await engine
          .run('foghorn', [docker, 'run', '-d', '--name', name, ...BOX, ...shell('sleep 60')])
          .succeeded();
        await same(
          [docker, 'exec', name, '/bin/sh', '-c', 'echo inside; exit 3'],
          [docker, 'logs', name],
          // Without the use of the processor, which changes.
          [docker, 'top', name, '-o', 'pid,ppid,args'],
          [docker, 'inspect', '--format', '{{.State.Status}} {{.Name}}', name],
          [docker, 'ps', '--format', '{{.Names}} {{.State}} {{.Image}}'],
          [docker, 'kill', 'nosuch'],
        );
        await engine.run('foghorn', [docker, 'rm', '--force', name]).succeeded();
      });

      it('copies, saves and loads', async () => {
        const source = engine.broker.file('source');
        await mkdir(source, { recursive: true });
        await writeFile(join(source, 'data'), Buffer.alloc(20 * 1024 * 1024, 'x'));
        await engine
          .run('foghorn', [docker, 'create', '--name', 'copy', ...BOX, IMAGE, '/bin/true'])
          .succeeded();
        const back = engine.broker.file(`back-${docker.replaceAll('/', '-')}`);
        await engine.run('foghorn', [docker, 'cp', join(source, 'data'), 'copy:/data']).succeeded();
        await engine.run('foghorn', [docker, 'cp', 'copy:/data', back]).succeeded();
        await engine.run('foghorn', ['cmp', join(source, 'data'), back]).succeeded();
        await engine.run('foghorn', [docker, 'rm', 'copy']).succeeded();
        await same(['/bin/sh', '-c', `${docker} save ${IMAGE} | ${docker} load`]);
      });

      it('builds with the classic builder', () => {
        const file = `FROM ${IMAGE}\\nRUN true\\nCMD echo built\\n`;
        const script = `printf '${file}' | ${docker} build --quiet --network none -t built - && ${docker} run --rm --network none built`;
        return same(['/bin/sh', '-c', script]);
      });

      it('works in a terminal that is resized, with Ctrl-C', async () => {
        const run = [docker, 'run', '--rm', '-it', ...BOX, IMAGE, '/bin/sh'];
        const steps = [
          '/ # >echo rea""dy\\r',
          'ready>resize:41x133',
          '/ # >busybox stty size\\r',
          '41 133>echo sle""eping; sleep 60\\r',
          'sleeping>\\x03',
          '/ # >exit 4\\r',
        ];
        const { code } = await engine.run('foghorn', ['python3', TERMINAL, ...steps, '--', ...run])
          .exited;
        expect(code).to.equal(4);
      });

      it('attaches and detaches', async () => {
        await engine
          .run('foghorn', [docker, 'run', '-dit', '--name', 'attached', ...BOX, IMAGE, '/bin/sh'])
          .succeeded();
        const attach = [docker, 'attach', 'attached'];
        const steps = ['/ # >echo seen\\r', 'seen\r\n>\\x10\\x11'];
        const child = engine.run('foghorn', ['python3', TERMINAL, ...steps, '--', ...attach]);
        await child.exited;
        expect(child.stdout.join('\n')).to.include('read escape sequence');
        const state = engine.run('foghorn', [
          docker,
          'inspect',
          '-f',
          '{{.State.Running}}',
          'attached',
        ]);
        expect((await state.succeeded()).stdout).to.deep.equal(['true']);
        await engine.run('foghorn', [docker, 'rm', '--force', 'attached']).succeeded();
      });
    });
  }

  it('docker-compose brings a project up and down', async () => {
    const file = engine.broker.file('compose.yml');
    const one = {
      image: IMAGE,
      network_mode: 'none',
      command: ['/bin/sh', '-c', 'echo hello; exit 3'],
    };
    await writeFile(file, JSON.stringify({ version: '3', services: { one } }));
    const compose = ['docker-compose', '--no-ansi', '-p', 'team', '-f', file];
    const up = engine.run('foghorn', [...compose, 'up', '--exit-code-from', 'one']);
    expect((await up.exited).code, up.stderr.join('\n')).to.equal(3);
    await engine.run('foghorn', [...compose, 'down']).succeeded();
  });

  it('docker-py runs, executes, waits and follows', async () => {
    const program = `
import docker, threading
client = docker.from_env()
print(client.containers.run('${IMAGE}', ['/bin/sh', '-c', 'echo out'], network_mode='none', remove=True))
try:
    client.containers.run('${IMAGE}', ['/bin/sh', '-c', 'exit 9'], network_mode='none', remove=True)
except docker.errors.ContainerError as error:
    print(error.exit_status)
box = client.containers.run('${IMAGE}', ['/bin/sh', '-c', 'sleep 2; exit 6'], network_mode='none', detach=True)
print(box.exec_run(['/bin/sh', '-c', 'echo inside; exit 2']))
print([line for line in client.api.logs(box.id, stream=True, follow=True)])
print(box.wait(), box.status)
box.remove()
try:
    client.containers.get(box.id)
except docker.errors.NotFound as error:
    print('not found')
print(len(client.images.list()) > 0, client.info()['Driver'])
`;
    await same(['/usr/bin/python3', '-c', program]);
  });

  it('dockerode attaches with a stream of its own', async () => {
    for (const host of ['foghorn', 'dockerd'] as const) {
      const docker = new Dockerode({ socketPath: engine.path(host) });
      const box = await docker.createContainer({
        Image: IMAGE,
        Cmd: ['/bin/sh', '-c', 'read a; echo got $a; exit 8'],
        HostConfig: { NetworkMode: 'none' },
        OpenStdin: true,
        StdinOnce: true,
        AttachStdin: true,
      });
      const options = { stream: true, stdin: true, stdout: true, hijack: true };
      const stream = await box.attach(options);
      await box.start();
      stream.write('word\n');
      let text = '';
      for await (const part of stream) text += String(part);
      expect(text, JSON.stringify(text)).to.include('got word');
      expect(await box.wait()).to.deep.include({ StatusCode: 8 });
      await box.remove();
    }
  });

  it('a read-only socket shows containers, and changes nothing', async () => {
    const create = [
      'docker',
      'create',
      '--name',
      'secretive',
      '--env',
      'TOKEN=s3cret',
      ...BOX,
      IMAGE,
      '/bin/true',
    ];
    await engine.run('foghorn', create).succeeded();
    const inspect = engine.run('read-only', [
      'docker',
      'inspect',
      '-f',
      '{{.Config.Env}}',
      'secretive',
    ]);
    const [env] = (await inspect.succeeded()).stdout;
    expect(env).to.include('TOKEN=***').and.not.include('s3cret');
    const remove = engine.run('read-only', ['docker', 'rm', 'secretive']);
    expect((await remove.exited).code).to.equal(1);
    expect(remove.stderr.join('\n')).to.include(
      'this socket does not allow DELETE /containers/secretive',
    );
    const verdict = '"method":"DELETE","path":"/v';
    const logged = engine.log.filter((line) => line.includes(verdict));
    expect(logged.at(-1)).to.include('"verdict":"refused"');
    await engine.run('foghorn', ['docker', 'rm', 'secretive']).succeeded();
  });

  it('answers with the true exit code in each way to wait', async () => {
    const wrong = await new WaitRounds(engine.path('foghorn')).run(2);
    expect([...wrong.values()].flat()).to.deep.equal([]);
  });

  it('waits and follows through a restart of the engine', async () => {
    const run = ['docker', 'run', '-d', '--name', 'survivor', ...BOX, ...shell('sleep 6; exit 21')];
    await engine.run('foghorn', run).succeeded();
    const wait = engine.run('foghorn', ['docker', 'wait', 'survivor']);
    const format = [
      '--filter',
      'container=survivor',
      '--format',
      '{{.Action}} {{.Actor.Attributes.exitCode}}',
    ];
    const events = engine.run('foghorn', ['docker', 'events', ...format]);
    cleanup.defer(() => events.end('SIGKILL'));
    await engine.run('foghorn', ['docker', 'exec', 'survivor', '/bin/true']).exited;
    await engine.dockerd.end('SIGKILL');
    const ping = engine.run('foghorn', [
      'curl',
      '-s',
      '--unix-socket',
      engine.path('foghorn'),
      'http://d/_ping',
    ]);
    expect((await ping.succeeded()).stdout.join('')).to.include('is not available');
    const list = engine.run('foghorn', [
      'docker',
      'ps',
      '-a',
      '--format',
      '{{.Names}} {{.Status}}',
    ]);
    expect((await list.succeeded()).stdout.join('\n')).to.match(/survivor Up .*the engine is down/);
    await engine.dockerd.startAgain();
    expect((await wait.succeeded()).stdout).to.deep.equal(['21']);
    await events.until('report the die', () => events.stdout.includes('die 21'));
    await engine.run('foghorn', ['docker', 'rm', 'survivor']).succeeded();
    const logs = engine.run('foghorn', ['docker', 'logs', 'survivor']);
    expect((await logs.exited).code).to.equal(1);
    expect(logs.stderr.join('\n')).to.match(
      /No such container: survivor \(history: removed .*, exited with code 21/,
    );
  });

  it('ctr does the same as on the socket of containerd', async () => {
    const [foghorn, containerd] = [
      await ctrOutputs(engine, engine.broker.socket),
      await ctrOutputs(engine, engine.containerd.socket),
    ];
    expect(foghorn).to.deep.equal(containerd);
  });

  it('ctr follows the events of a task that it kills, as on the socket of containerd', async () => {
    const [foghorn, containerd] = [
      await topicsOfKilledTask(engine, engine.broker.socket, cleanup),
      await topicsOfKilledTask(engine, engine.containerd.socket, cleanup),
    ];
    expect(foghorn).to.deep.equal(containerd).and.include('/tasks/exit');
  });
});

/** Returns every docker command on the PATH. */
function dockerCommands(): ReadonlySet<string> {
  const paths = (process.env.PATH ?? '').split(delimiter).map((path) => join(path, 'docker'));
  return new Set(paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)));
}
