import { expect } from 'chai';
import { events, pack, timestampFromNanos } from '../../../client/index.js';
import type { Any } from '../../../client/index.js';
import {
  observedRunEnvelope,
  type RunObservation,
} from '../../../bridge/reconcile/observed-run.js';
import { describeEntry } from '../../../cli/commands/events/readable-event.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { DockerRecording } from '../../../protos/gen/foghorn/v1/docker.js';
import { MissedEvents } from '../../../protos/gen/foghorn/v1/recording.js';
import { ObservedExec } from '../../../protos/gen/foghorn/v1/run.js';
import { TestBroker } from '../test-broker.js';
import { foghorn } from '../test-terminal.js';

const SECOND = 1_000_000_000n;
/** 2026-11-30 10:00:00 UTC. */
const TEN = 1_796_032_800n * SECOND;

describe('foghorn events for people', () => {
  let broker: TestBroker;
  const others: TestBroker[] = [];

  before(async () => {
    broker = await new TestBroker().start();
    const { ContainerCreate, TaskStart, TaskExit, TaskOOM, TaskCreate } = events;
    const image = 'docker.io/library/nginx:1.27';
    await forward(0n, '/containers/create', pack(ContainerCreate, { id: 'web', image }));
    await forward(1n, '/tasks/create', pack(TaskCreate, { containerId: 'web', pid: 1 }));
    await forward(1n, '/tasks/start', pack(TaskStart, { containerId: 'web', pid: 1 }));
    await forward(60n, '/tasks/oom', pack(TaskOOM, { containerId: 'web' }));
    const exitedAt = timestampFromNanos(TEN + 193n * SECOND);
    const exit = { containerId: 'web', id: 'web', pid: 1, exitStatus: 137, exitedAt };
    await forward(193n, '/tasks/exit', pack(TaskExit, exit));
    await forward(
      194n,
      '/containers/create',
      pack(ContainerCreate, { id: 'job\u001b[2J' }),
      'jobs',
    );
  });

  after(async () => {
    for (const each of [broker, ...others]) await each.remove();
  });

  async function forward(
    seconds: bigint,
    topic: string,
    event: Any,
    namespace = 'default',
  ): Promise<void> {
    const timestamp = timestampFromNanos(TEN + seconds * SECOND);
    await broker.client.forward({ timestamp, namespace, topic, event });
  }

  const run = (...args: string[]) => foghorn(['-a', broker.address, ...args]);
  const lines = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await run(...args);
    expect({ stderr, exitCode }).to.deep.equal({ stderr: '', exitCode: 0 });
    return stdout.split('\n').slice(0, -1);
  };
  const past = (...args: string[]) => lines('events', '--no-follow', ...args);

  it('shows each fact once, in words', async () => {
    const [titles, ...rows] = await past('--format', 'table', '--utc');
    expect(titles!.split(/ {2,}/)).to.deep.equal(['TIME', 'NAMESPACE', 'NAME', 'WHAT', 'IMAGE']);
    expect(rows.map((row) => row.split(/ {2,}/))).to.deep.equal([
      ['2026-11-30 10:00:00Z', 'default', 'web', 'created', 'nginx:1.27'],
      ['2026-11-30 10:00:01Z', 'default', 'web', 'started', 'nginx:1.27'],
      ['2026-11-30 10:01:00Z', 'default', 'web', 'out of memory', 'nginx:1.27'],
      ['2026-11-30 10:03:13Z', 'default', 'web', 'exited 137 after 3 m 12 s', 'nginx:1.27'],
      ['2026-11-30 10:03:14Z', 'jobs', 'job\\u001b[2J', 'created'],
    ]);
  });

  it('prints a table on a terminal only, in colours', async () => {
    const { stdout } = await foghorn(['-a', broker.address, 'events', '--no-follow'], {
      terminals: { stdout: true },
    });
    expect(stdout).to.contain('\u001b[1;31mexited 137 after 3 m 12 s\u001b[0m');
    expect(stdout).not.to.contain('\u001b[2J');
    expect((await past())[0]).to.equal(
      '2026-11-30 10:00:00 +0000 UTC default /containers/create {"id":"web","image":"docker.io/library/nginx:1.27"}',
    );
  });

  it('fills in a template', async () => {
    const format = '{{.Name}} {{.Action}} {{.ExitCode}} {{.Image | upper}}';
    expect(await past('--format', format, '--failed')).to.deep.equal([
      'web oom  NGINX:1.27',
      'web die 137 NGINX:1.27',
    ]);
  });

  it('prints CSV and CloudEvents', async () => {
    const [titles, row] = await past('--format', 'csv', '--topic', '/tasks/exit');
    expect(titles).to.equal('time,namespace,name,what,exit_code,image,id,topic,cursor');
    expect(row).to.match(
      /^2026-11-30T10:03:13Z,default,web,exited 137 after 3 m 12 s,137,nginx:1.27,web,\/tasks\/exit,./,
    );
    const [line] = await past('--format', 'cloudevents', '--topic', '/tasks/exit');
    const event = JSON.parse(line!) as Record<string, unknown>;
    expect(event).to.include({
      specversion: '1.0',
      source: '/namespaces/default',
      type: 'containerd.events.TaskExit',
      subject: 'web',
      time: '2026-11-30T10:03:13.000000000Z',
    });
    expect(event.data).to.include({ exit_status: 137 });
  });

  it('adds the container to JSON with --wide', async () => {
    const [line] = await past('--format', 'json', '--wide', '--topic', '/tasks/exit');
    expect((JSON.parse(line!) as { container: unknown }).container).to.deep.equal({
      id: 'web',
      name: 'web',
      image: 'nginx:1.27',
      labels: {},
      exit_code: 137,
    });
  });

  it('selects an image by any of its names', async () => {
    for (const image of ['nginx', 'nginx:1.27', 'docker.io/library/nginx', 'library/nginx:1.27']) {
      expect(await past('--format', '{{.ID}}', '--image', image), image).to.have.length(4);
    }
  });

  it('shows entries that repeat a fact when their topic is named', async () => {
    const format = ['--format', '{{.ID}} {{.Topic}}'];
    expect(await past(...format, '--topic', '/tasks/create')).to.deep.equal(['web /tasks/create']);
    expect(await past(...format, 'topic~=/create$/,namespace==default')).to.deep.equal([
      'web /containers/create',
      'web /tasks/create',
    ]);
  });

  it('shows the last events, then ends', async () => {
    expect(await past('--last', '2', '--format', '{{.What}}')).to.deep.equal([
      'exited 137 after 3 m 12 s',
      'created',
    ]);
  });

  it('says that a run was short, because its duration is known in whole seconds', async () => {
    const own = await new TestBroker().start();
    others.push(own);
    const task = { containerId: 'short', id: 'short', pid: 1 };
    const [timestamp, exitedAt] = [TEN, TEN + SECOND - 1n].map(timestampFromNanos);
    const common = { namespace: 'default', timestamp: exitedAt! };
    const start = pack(events.TaskStart, task);
    await own.client.forward({
      ...common,
      timestamp: timestamp!,
      topic: '/tasks/start',
      event: start,
    });
    const exit = pack(events.TaskExit, { ...task, exitStatus: 3, exitedAt: exitedAt! });
    await own.client.forward({ ...common, topic: '/tasks/exit', event: exit });
    const format = ['--format', '{{.What}}'];
    const { stdout } = await foghorn(['-a', own.address, 'events', '--no-follow', ...format]);
    expect(stdout).to.equal('started\nexited 3 in under 1 s\n');
  });

  it('selects by namespace, name, image, exit code and label', async () => {
    const what = ['--format', '{{.What}}'];
    expect(await lines('-n', 'jobs', 'events', '--no-follow', ...what)).to.have.length(1);
    expect(await past('--container', 'web', ...what)).to.have.length(4);
    expect(await past('--container', 'we', '--topic', '/tasks/oom', ...what)).to.have.length(1);
    expect(await past('--image', 'nginx', ...what)).to.have.length(4);
    expect(await past('--exit-code', '137', ...what)).to.have.length(1);
    expect(await past('--label', 'team=x', ...what)).to.have.length(0);
  });

  it('shows in words what a recorder found out, and of failures all', async () => {
    const own = await new TestBroker().start();
    others.push(own);
    const subject = { namespace: 'default', containerId: 'web', pid: 7 };
    const found = (seconds: bigint, observation: RunObservation) =>
      own.client.forward(observedRunEnvelope(subject, TEN + seconds * SECOND, observation));
    const notStarted = { exitStatus: 127, reason: 'no such file' };
    await found(1n, { $case: 'notStarted', value: notStarted });
    await found(2n, { $case: 'goesOn', value: {} });
    await found(3n, { $case: 'ended', value: { exitStatus: 3, exitedAt: undefined } });
    const inExec = { $case: 'ended', value: { exitStatus: 4, exitedAt: undefined } } as const;
    await own.client.forward({
      timestamp: timestampFromNanos(TEN + 4n * SECOND),
      namespace: 'default',
      topic: '/foghorn/observed-exec',
      event: pack(ObservedExec, { containerId: 'web', execId: 'e1', observation: inExec }),
    });
    const shown = async (...args: string[]) => {
      const all = ['-a', own.address, 'events', '--no-follow', '--format', 'table', '--utc'];
      const { stdout } = await foghorn([...all, ...args]);
      const rows = stdout.split('\n').slice(1, -1);
      return rows.map((row) => row.split(/ {2,}/).slice(2, 4).join(' '));
    };
    const failures = [
      'web could not be started: no such file',
      'web exited 3',
      'web exec exited 4',
    ];
    expect(await shown('--failed')).to.deep.equal(failures);
    expect(await shown('--exit-code', '127')).to.deep.equal(failures.slice(0, 1));
    expect(await shown()).to.deep.equal([failures[0], 'web is running', ...failures.slice(1)]);
    for (const [exitStatus, outcome] of [
      [0, 'good'],
      [3, 'bad'],
    ] as const) {
      const observation = { $case: 'ended', value: { exitStatus, exitedAt: undefined } } as const;
      const envelope = observedRunEnvelope(subject, TEN, observation);
      const entry = { ...envelope, cursor: '', dockerEvent: undefined, trace: undefined };
      expect(describeEntry(entry, PayloadTypes.load([])).outcome).to.equal(outcome);
    }
  });

  it('shows with --explain which filters flags stand for', async () => {
    const args = ['namespace==a', '--exit-code', '3'];
    expect(await lines('events', '--explain', ...args)).to.deep.equal([
      'topic=="/tasks/exit",event.exit_status==3,namespace==a',
      'topic=="/docker/container/die",event.attributes.exitCode==3,namespace==a',
      'topic=="/foghorn/observed-run",event.ended.exit_status==3,namespace==a',
      'topic=="/foghorn/observed-exec",event.ended.exit_status==3,namespace==a',
      'topic=="/foghorn/observed-run",event.not_started.exit_status==3,namespace==a',
    ]);
    expect(await lines('events', '--explain')).to.deep.equal(['every event']);
  });

  it('shows with --explain the flags that no filter stands for', async () => {
    const flags = ['--label', 'app=shop', '--label', 'tier', '--image', 'nginx'];
    const topic = ['--topic', '/tasks/exit', '--container', 'web'];
    expect(await lines('events', '--explain', ...flags, ...topic)).to.deep.equal([
      'topic=="/tasks/exit"',
      'only of container web',
      'only of containers of image nginx',
      'only of containers with label app=shop',
      'only of containers with label tier',
    ]);
  });

  it('shows the notes of recorders in words', () => {
    const shown = (type: string, value: Uint8Array): string => {
      const event = { typeUrl: `foghorn.v1.${type}`, value: Buffer.from(value) };
      const envelope = {
        timestamp: timestampFromNanos(TEN),
        namespace: 'moby',
        topic: '/a',
        event,
      };
      const entry = { ...envelope, cursor: '', dockerEvent: undefined, trace: undefined };
      return describeEntry(entry, PayloadTypes.load([])).what;
    };
    const from = timestampFromNanos(TEN);
    const to = timestampFromNanos(TEN + 60n * SECOND);
    const begun = DockerRecording.encode(
      DockerRecording.fromPartial({ engine: '/d.sock' }),
    ).finish();
    expect(shown('DockerRecording', begun)).to.equal('recording of the engine began');
    const late = { engine: '/d.sock', missingFrom: from, missingTo: to };
    expect(
      shown('DockerRecording', DockerRecording.encode(DockerRecording.fromPartial(late)).finish()),
    ).to.equal(
      'recording of the engine began; events may be missing from 2026-11-30 10:00:00Z to 2026-11-30 10:01:00Z',
    );
    const missed = MissedEvents.fromPartial({
      daemon: 'containerd',
      from,
      to,
      reason: 'it was away',
    });
    expect(shown('MissedEvents', MissedEvents.encode(missed).finish())).to.equal(
      'events of containerd may be missing from 2026-11-30 10:00:00Z to 2026-11-30 10:01:00Z: it was away',
    );
    expect(shown('MissedEvents', Buffer.from([255]))).to.contain('/a ');
  });

  const HINTS: [filter: string, hint: string][] = [
    ['event.exitStatus==1', 'did you mean event.exit_status?'],
    ['exit_status==1', 'no event has the field exit_status: did you mean event.exit_status?'],
    ['event.exit_statsu==1', 'did you mean event.exit_status?'],
    ['event.exit_status!=0', 'also matches every event without this field'],
  ];
  for (const [filter, hint] of HINTS) {
    it(`warns of ${filter}`, async () => {
      const { stderr } = await run('events', '--no-follow', '--limit', '1', filter);
      expect(stderr).to.contain(`foghorn: warning: `).and.contain(hint);
    });
  }

  it('does not warn of filters that say which events they mean', async () => {
    const filter = 'topic=="/tasks/exit",event.exit_status!=0';
    expect((await run('events', '--no-follow', filter)).stderr).to.equal('');
  });

  it('warns of flags that no event can pass together', async () => {
    const start = await run('events', '--no-follow', '--failed', '--topic', '/tasks/start');
    expect(start.stderr)
      .to.match(
        /^foghorn: warning: nothing can match: .*\/tasks\/exit, .* the topic \/tasks\/start\n$/,
      )
      .and.contain('/tasks/oom');
    const oom = ['events', '--no-follow', '--topic', '/tasks/oom'];
    expect((await run(...oom, '--failed')).stderr).to.equal('');
    expect((await run(...oom, '--exit-code', '137')).stderr).to.contain('nothing can match');
    expect((await run(...oom)).stderr).to.equal('');
  });

  it("points into the user's own text where a filter is refused", async () => {
    const given = ['namespace==moby', 'event.id==a b'];
    const alone = await run('events', '--no-follow', ...given);
    expect(alone).to.include({ exitCode: 2, stdout: '' });
    expect(alone.stderr).to.contain('parse error: [event.id==a >| |< b]');
    const joined = await run('-n', 'moby', 'events', '--no-follow', '--failed', ...given);
    expect(joined).to.deep.equal(alone);
  });

  it('suggests quotes for a value that needs them', async () => {
    const { exitCode, stderr } = await run('events', '--no-follow', 'topic==/tasks/exit');
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain(`needs quotes: 'topic=="/tasks/exit"'`);
  });

  it('refuses a range that ends before it begins, and a format that is none', async () => {
    const reversed = await run('events', '--since', '1h', '--until', '2h');
    expect(reversed).to.include({ exitCode: 2 });
    expect(reversed.stderr).to.contain('--until: expected a time after --since');
    const ofExits = await run('exits', '--since', '1h', '--until', '2h');
    expect(ofExits).to.include({ exitCode: 2, stderr: reversed.stderr });
    const unknown = await run('events', '--format', 'yaml');
    expect(unknown).to.include({ exitCode: 2 });
    expect(unknown.stderr).to.contain('Expected one of table, ctr, json');
    expect(await run('events', '--format', '{{.Name')).to.include({ exitCode: 2 });
    const field = await run('events', '--format', '{{.Nope}}');
    expect(field).to.include({ exitCode: 2 });
    expect(field.stderr).to.contain('unknown field .Nope; expected one of Time, Namespace, Name,');
  });

  it('warns of a range that begins in the future', async () => {
    for (const command of [['events', '--no-follow'], ['exits']]) {
      const { exitCode, stderr } = await run(...command, '--since', '2999-01-01');
      expect(exitCode).to.equal(0);
      expect(stderr).to.match(/warning: --since is in the future, in \d+ days .*; nothing before/);
    }
  });

  it('refuses empty values, which are unset variables of scripts', async () => {
    const commands = ['wait ', 'events --container ', 'events --topic ', 'ps --image ', '-n  ps'];
    for (const command of commands) {
      const { exitCode, stderr } = await run(...command.split(' '));
      expect(exitCode, command).to.equal(2);
      expect(stderr, command).to.contain('Expected a value that is not empty.');
    }
  });
});
