import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { Cleanup } from '../support/processes/cleanup.js';
import { eventually } from '../support/eventually.js';
import { RecordedEngine } from './recorded-engine.js';

const BOX = ['--network', 'none'];
const shell = (script: string): string[] => ['busybox:latest', '/bin/sh', '-c', script];

/** A script that ends at SIGTERM with its own exit code. */
const POLITE = 'trap "exit 5" TERM; while :; do sleep 0.1; done';

describe('docker events, beside dockerd', () => {
  const cleanup = new Cleanup();
  let engine: RecordedEngine;

  before(async () => {
    engine = await RecordedEngine.start(cleanup);
  });

  after(() => cleanup.run());

  async function docker(...args: string[]): Promise<void> {
    await engine.docker('dockerd', ...args).succeeded();
  }

  /** Resolves when the engine has reported this many events of a container. */
  async function untilTold(name: string, action: string, times = 1): Promise<void> {
    await eventually(async () => {
      const events = await engine.eventsOf('dockerd', '0');
      const reported = events.filter(
        ({ Action, Actor }) => Action === action && Actor.Attributes.name === name,
      );
      return reported.length >= times;
    });
  }

  const same: Record<string, () => Promise<void>> = {
    async 'run, exit code 0'() {
      await docker('run', '--name', 'zero', ...BOX, ...shell('exit 0'));
      await docker('rm', 'zero');
    },
    async 'run, exit code 7'() {
      const { code } = await engine.docker(
        'dockerd',
        'run',
        '--name',
        'seven',
        '--label',
        'a=b',
        ...BOX,
        ...shell('exit 7'),
      ).exited;
      expect(code).to.equal(7);
      await docker('rm', 'seven');
    },
    async 'run --rm'() {
      await docker('run', '--rm', '--name', 'gone', ...BOX, ...shell('exit 0'));
      await untilTold('gone', 'destroy');
    },
    async stop() {
      await docker('run', '-d', '--name', 'stopped', ...BOX, ...shell(POLITE));
      await docker('stop', 'stopped');
      await docker('rm', 'stopped');
    },
    async kill() {
      await docker('run', '-d', '--name', 'killed', ...BOX, ...shell('sleep 600'));
      await docker('kill', '-s', 'HUP', 'killed');
      await docker('kill', 'killed');
      await untilTold('killed', 'die');
      await docker('rm', 'killed');
    },
    async restart() {
      await docker('run', '-d', '--name', 'again', ...BOX, ...shell('sleep 600'));
      await docker('restart', '-t', '0', 'again');
      await docker('rm', '-f', 'again');
    },
    async 'restart policy'() {
      await docker(
        'run',
        '-d',
        '--name',
        'thrice',
        '--restart',
        'on-failure:2',
        ...BOX,
        ...shell('exit 9'),
      );
      await untilTold('thrice', 'die', 3);
      await docker('rm', 'thrice');
    },
    async pause() {
      await docker('run', '-d', '--name', 'paused', ...BOX, ...shell('sleep 600'));
      await docker('pause', 'paused');
      await docker('unpause', 'paused');
      await docker('rm', '-f', 'paused');
    },
    async exec() {
      await docker('run', '-d', '--name', 'execs', ...BOX, ...shell('sleep 600'));
      const { code } = await engine.docker('dockerd', 'exec', 'execs', 'sh', '-c', 'exit 3').exited;
      expect(code).to.equal(3);
      await engine.docker('dockerd', 'exec', 'execs', 'nosuchcommand').exited;
      await docker('rm', '-f', 'execs');
    },
    async 'out of memory'() {
      const hog = 'a=x; while :; do a=$a$a; done';
      await engine.docker(
        'dockerd',
        'run',
        '--name',
        'hog',
        '--memory',
        '16m',
        ...BOX,
        ...shell(hog),
      ).exited;
      await untilTold('hog', 'oom');
      await docker('rm', '-f', 'hog');
    },
    async 'health check'() {
      const check = ['--health-cmd', 'exit 0', '--health-interval', '300ms'];
      await docker('run', '-d', '--name', 'healthy', ...check, ...BOX, ...shell('sleep 600'));
      await untilTold('healthy', 'health_status: healthy');
      await docker('rm', '-f', 'healthy');
    },
    async rename() {
      await docker('create', '--name', 'before', ...BOX, ...shell('exit 0'));
      await docker('rename', 'before', 'afterwards');
      await docker('start', '-a', 'afterwards');
      await docker('rm', 'afterwards');
    },
    async 'volumes, images and networks'() {
      await docker('volume', 'create', '--label', 'a=<&>', 'data');
      await docker('volume', 'rm', 'data');
      await docker('tag', 'busybox:latest', 'team/box:v1');
      await docker('rmi', 'team/box:v1');
    },
  };

  for (const [what, work] of Object.entries(same)) {
    it(`shows the same events of ${what}`, async () => {
      const { foghorn, dockerd } = await engine.linesWhile(work);
      expect(dockerd).to.not.be.empty;
      expect(foghorn).to.deep.equal(dockerd);
    });
  }

  it('reports the true exit code of a container whose shim was killed', async () => {
    const { foghorn, dockerd } = await engine.linesWhile(async () => {
      await docker('run', '-d', '--name', 'bereft', ...BOX, ...shell('sleep 600'));
      process.kill(await shimOf('bereft'), 'SIGKILL');
      await untilTold('bereft', 'die');
      await docker('rm', 'bereft');
    });
    // dockerd puts another code into the event than into its other answers.
    expect(dockerd.filter((line) => line.includes('"exitCode":"255"'))).to.have.lengthOf(1);
    const right = dockerd.map((line) => line.replace('"exitCode":"255"', '"exitCode":"137"'));
    expect(foghorn).to.deep.equal(right);
  });

  async function shimOf(name: string): Promise<number> {
    const inspect = ['inspect', '--format', '{{.Id}}', name];
    const { stdout } = await engine.docker('dockerd', ...inspect).succeeded();
    for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (line.includes('containerd-shim') && line.includes(stdout[0]!)) return Number(pid);
    }
    throw new Error(`no shim of ${name}`);
  }

  it('reports an exit that the engine missed because it was down', async () => {
    const { foghorn, dockerd } = await engine.linesWhile(async () => {
      await docker('run', '-d', '--name', 'orphan', ...BOX, ...shell('sleep 2; exit 42'));
      await engine.dockerd.end('SIGTERM');
      await eventually(async () => {
        const events = await engine.eventsOf('foghorn', '0');
        return events.some(
          ({ Action, Actor: { Attributes } }) =>
            Action === 'die' && Attributes.name === 'orphan' && Attributes.exitCode === '42',
        );
      });
      await engine.dockerd.startAgain();
      const { stdout } = await engine.docker('dockerd', 'wait', 'orphan').succeeded();
      expect(stdout).to.deep.equal(['42']);
      await docker('rm', 'orphan');
    });
    const actions = (lines: readonly string[]): string[] =>
      lines.flatMap((line) =>
        line.includes('"name":"orphan"') ? (/"Action":"(\w+)"/.exec(line)?.[1] ?? []) : [],
      );
    // The engine's memory begins with its restart and has no die.
    expect(actions(dockerd)).to.deep.equal(['destroy']);
    expect(actions(foghorn)).to.deep.equal(['create', 'start', 'die', 'destroy']);
  });
});
