import { expect } from 'chai';
import { events, pack, timestampFromNanos } from '../../../client/index.js';
import type { Any } from '../../../client/index.js';
import { TestBroker } from '../test-broker.js';
import { foghorn } from '../test-terminal.js';

const SECOND = 1_000_000_000n;
/** 2026-11-30 10:00:00 UTC. */
const TEN = 1_796_032_800n * SECOND;

describe('foghorn ps and exits', () => {
  let broker: TestBroker;

  before(async () => {
    broker = await new TestBroker().start();
    const { ContainerCreate, TaskStart, TaskExit, TaskOOM } = events;
    await forward(
      0n,
      '/containers/create',
      pack(ContainerCreate, { id: 'web', image: 'docker.io/library/nginx:1.27' }),
    );
    await forward(1n, '/tasks/start', pack(TaskStart, { containerId: 'web', pid: 1 }));
    await forward(2n, '/containers/create', pack(ContainerCreate, { id: 'job', image: 'busybox' }));
    await forward(3n, '/tasks/start', pack(TaskStart, { containerId: 'job', pid: 2 }));
    await forward(60n, '/tasks/oom', pack(TaskOOM, { containerId: 'job' }));
    const exit = { containerId: 'job', id: 'job', pid: 2, exitStatus: 137 };
    await forward(
      195n,
      '/tasks/exit',
      pack(TaskExit, { ...exit, exitedAt: timestampFromNanos(TEN + 195n * SECOND) }),
    );
    await forward(196n, '/tasks/start', pack(TaskStart, { containerId: 'job', pid: 3 }));
    const end = { ...exit, pid: 3, exitStatus: 0 };
    await forward(
      198n,
      '/tasks/exit',
      pack(TaskExit, { ...end, exitedAt: timestampFromNanos(TEN + 198n * SECOND) }),
    );
  });

  after(() => broker.remove());

  async function forward(seconds: bigint, topic: string, event: Any): Promise<void> {
    const timestamp = timestampFromNanos(TEN + seconds * SECOND);
    await broker.client.forward({ timestamp, namespace: 'default', topic, event });
  }

  const run = async (...args: string[]) => foghorn(['-a', broker.address, ...args]);
  const table = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await run(...args, '--utc');
    expect({ stderr, exitCode }).to.deep.equal({ stderr: '', exitCode: 0 });
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(/ {2,}/));
  };

  it('shows what ran at a moment, the newest first', async () => {
    expect(await table('ps', '--at', '2026-11-30T10:01:00Z')).to.deep.equal([
      ['NAME', 'IMAGE', 'STATE', 'STARTED', 'FOR', 'NAMESPACE'],
      ['job', 'busybox', 'running', '2026-11-30 10:00:03Z', '57 s', 'default'],
      ['web', 'nginx:1.27', 'running', '2026-11-30 10:00:01Z', '59 s', 'default'],
    ]);
  });

  it('shows what does not run with --all', async () => {
    const [, job] = await table('ps', '--at', '2026-11-30T10:03:15Z', '--all');
    expect(job).to.deep.equal([
      'job',
      'busybox',
      'exited 137 (out of memory)',
      '2026-11-30 10:00:03Z',
      '3 m 12 s',
      'default',
    ]);
  });

  it('shows ended runs, the newest last', async () => {
    expect(await table('exits')).to.deep.equal([
      ['ENDED', 'NAME', 'IMAGE', 'END', 'AFTER', 'NAMESPACE'],
      [
        '2026-11-30 10:03:15Z',
        'job',
        'busybox',
        'exited 137 (out of memory)',
        '3 m 12 s',
        'default',
      ],
      ['2026-11-30 10:03:18Z', 'job', 'busybox', 'exited 0', '2 s', 'default'],
    ]);
    expect(await table('exits', '--failed')).to.have.length(2);
    expect(await table('exits', '--since', '2026-11-30T10:03:16Z')).to.have.length(2);
    expect(await table('exits', '--image', 'nginx')).to.have.length(1);
    expect(await table('-n', 'other', 'exits')).to.have.length(1);
  });

  it('prints an object for each with --format json', async () => {
    const { stdout } = await run('exits', '--failed', '--format', 'json');
    const { cursor, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
    expect(cursor).to.be.a('string');
    expect(rest).to.deep.equal({
      namespace: 'default',
      id: 'job',
      name: 'job',
      image: 'busybox',
      labels: {},
      state: 'exited',
      createdAt: '2026-11-30T10:00:02Z',
      pid: 2,
      startedAt: '2026-11-30T10:00:03Z',
      finishedAt: '2026-11-30T10:03:15Z',
      exitCode: 137,
      seconds: 192,
      oom: true,
    });
  });

  it('says when the history begins after the moment in question', async () => {
    const { stderr } = await run('ps', '--at', '2001-01-01', '--utc');
    expect(stderr).to.match(/^foghorn: the history begins at \d{4}-.*: of what was before, only/);
  });

  it('refuses a moment in the future', async () => {
    const { stderr } = await run('ps', '--at', '2999-01-01');
    expect(stderr).to.contain('--at: expected a time in the past');
  });
});

describe('foghorn ps and exits on a terminal of 80 columns', () => {
  let broker: TestBroker;

  before(async () => {
    broker = await new TestBroker().start();
    const id = 'a-container-whose-name-is-rather-long';
    const image = 'registry.example.com/team/service-with-a-long-name:1.27.3';
    const forward = async (seconds: bigint, topic: string, event: Any) => {
      const timestamp = timestampFromNanos(TEN + seconds * SECOND);
      await broker.client.forward({ timestamp, namespace: 'a-long-namespace', topic, event });
    };
    const exit = { containerId: id, id, pid: 1, exitStatus: 137 };
    const exitedAt = timestampFromNanos(TEN + 1_000_000n * SECOND);
    await forward(0n, '/containers/create', pack(events.ContainerCreate, { id, image }));
    await forward(1n, '/tasks/start', pack(events.TaskStart, { containerId: id, pid: 1 }));
    await forward(2n, '/tasks/oom', pack(events.TaskOOM, { containerId: id }));
    await forward(1_000_000n, '/tasks/exit', pack(events.TaskExit, { ...exit, exitedAt }));
  });

  after(() => broker.remove());

  for (const command of [
    ['ps', '--all', '--utc'],
    ['exits', '--since', '2026-11-30', '--utc'],
  ]) {
    it(`fits the widest values of ${command.join(' ')} into lines that say how each ended`, async () => {
      const { stdout } = await foghorn(['-a', broker.address, ...command], { columns: 80 });
      const lines = stdout.trimEnd().split('\n');
      expect(lines).to.have.lengthOf(2);
      for (const line of lines) expect(line.length).to.be.at.most(80);
      // Without the year, there is space for more of the name.
      expect(lines[1]).to.contain('a-containe…').and.contain('exited 137 (out');
      expect(lines[1])
        .to.match(/\b(?:11-30|12-11) \d\d:\d\d:\d\dZ/)
        .and.not.contain('2026');
    });
  }
});
