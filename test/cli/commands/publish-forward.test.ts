import { expect } from 'chai';
import { Any, events } from '../../../client/index.js';
import { TestBroker } from '../test-broker.js';
import { foghorn } from '../test-terminal.js';
import type { TestTerminalOptions } from '../test-terminal.js';

describe('foghorn publish, forward and events --no-follow', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await new TestBroker().start();
  });

  afterEach(async () => {
    await broker.remove();
  });

  const command = (args: string[], options?: TestTerminalOptions) =>
    foghorn(['--address', broker.address, ...args], options);

  async function lines(...args: string[]): Promise<string[]> {
    const { stdout, stderr, exitCode } = await command(['events', '--no-follow', ...args]);
    expect({ stderr, exitCode }).to.deep.equal({ stderr: '', exitCode: 0 });
    // The time of a publish is the broker's; a line without an event ends in a blank.
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.replace(/^\S+ \S+ \+0000 UTC /, '').trimEnd());
  }

  it('publishes JSON, a serialized Any, and nothing at all', async () => {
    const any = Any.encode({
      typeUrl: 'containerd.events.TaskOOM',
      value: Buffer.from(events.TaskOOM.encode({ containerId: 'c2' }).finish()),
    }).finish();
    const json = ['--type', 'containerd.events.TaskOOM', '--json', '{"container_id":"c1"}'];
    const outcomes = [
      await command(['publish', '--topic', '/tasks/oom', ...json]),
      await command(['-n', 'moby', 'publish', '--topic', '/tasks/oom'], { stdin: any }),
      await command(['publish', '--topic', '/raw', '-n', 'k8s.io']),
    ];
    for (const outcome of outcomes) {
      expect(outcome).to.deep.equal({ exitCode: 0, stdout: '', stderr: '' });
    }
    expect(await lines()).to.deep.equal([
      'default /tasks/oom {"container_id":"c1"}',
      'moby /tasks/oom {"container_id":"c2"}',
      'k8s.io /raw {"type_url":"","value":""}',
    ]);
  });

  it('publishes any JSON object, which filters see', async () => {
    const json = '{"job":{"id":7,"ratio":1.5,"tags":["a","b"]},"ok":true,"none":null,"@type":"x"}';
    await command(['publish', '--topic', '/jobs/done', '--json', json]);
    const shown = await command(['events', '--no-follow', '--format', 'json']);
    const { event } = JSON.parse(shown.stdout) as { event: object };
    expect(event).to.deep.equal({
      '@type': 'google.protobuf.Struct',
      value: JSON.parse(json) as object,
    });
    const matching = ['event.job.id==7,event.job.tags.1==b', 'event.ok==true,event.job.ratio==1.5'];
    for (const filter of matching) {
      const { stdout } = await command(['events', '--no-follow', filter]);
      expect(stdout, filter).to.contain('/jobs/done');
    }
    const others = ['event.job.id==8', 'event.job.tags.2', 'event.none', 'event.job', 'event.a.b'];
    for (const filter of others) {
      const { stdout } = await command(['events', '--no-follow', filter]);
      expect(stdout, filter).to.equal('');
    }
    expect(await lines()).to.deep.equal([
      'default /jobs/done {"@type":"x","job":{"id":7,"ratio":1.5,"tags":["a","b"]},"none":null,"ok":true}',
    ]);
    const template = ['events', '--no-follow', '--format', '{{.Event.job.id}} {{.What}}'];
    expect((await command(template)).stdout).to.equal(`7 /jobs/done ${json}\n`);
  });

  it('publishes values of the well-known types', async () => {
    const values: [string, string][] = [
      ['StringValue', '"hello"'],
      ['Duration', '"1.5s"'],
      ['ListValue', '[1,"a",null]'],
      ['Timestamp', '"2023-11-14T22:13:20Z"'],
    ];
    for (const [type, json] of values) {
      const typed = ['--type', `google.protobuf.${type}`, '--json', json];
      expect(await command(['publish', '--topic', '/v', ...typed])).to.include({ stderr: '' });
    }
    expect(await lines('event.value==hello')).to.deep.equal(['default /v {"value":"hello"}']);
    const { stdout } = await command(['events', '--no-follow', '--format', 'json']);
    const forwarded = await command(['forward'], { stdin: stdout });
    expect(forwarded).to.deep.equal({ exitCode: 0, stdout: '', stderr: '' });
    expect(stdout.match(/"value":.*(?=}})/g)).to.deep.equal([
      '"value":"hello"',
      '"value":"1.5s"',
      '"value":[1,"a",null]',
      '"value":"2023-11-14T22:13:20.000000000Z"',
    ]);
  });

  it('lists payload types and their fields', async () => {
    expect(await command(['types', 'TaskExti'])).to.deep.equal({
      exitCode: 1,
      stdout: '',
      stderr:
        'foghorn: no payload type has "TaskExti" in its name: ' +
        'did you mean containerd.events.TaskExit?\n',
    });
    const { stdout } = await command(['types', 'taskoom']);
    expect(stdout).to.equal('containerd.events.TaskOOM: container_id\n');
  });

  const refusals: [string[], string, string][] = [
    [['--topic', 'x'], '', `envelope topic "x": must start with '/': invalid argument`],
    [['--topic', '/x', '--type', 'No', '--json', '{}'], '', '--type No: unknown payload type'],
    [
      ['--topic', '/x', '--type', 'containerd.events.TaskExi', '--json', '{}'],
      '',
      'did you mean containerd.events.TaskExit?',
    ],
    [
      ['--topic', '/x', '--type', 'containerd.events.TaskOOM', '--json', '{'],
      '',
      '--json: expected JSON such as {"job":"backup","ok":true}, got "{", which is wrong at character 2',
    ],
    [['--topic', '/x', '--json', ''], '', 'got "", which is wrong at its end'],
    [['--topic', '/x', '--json', '[1]'], '', 'google.protobuf.Struct: expected a JSON object'],
    [['--topic', '/x'], 'hello\n', 'expected a serialized google.protobuf.Any'],
  ];
  for (const [args, stdin, text] of refusals) {
    it(`says what is wrong with publish ${args.join(' ')} < ${JSON.stringify(stdin)}`, async () => {
      const { exitCode, stderr } = await command(['publish', ...args], { stdin });
      expect(exitCode).to.equal(2);
      expect(stderr)
        .to.match(/^foghorn: .*\n$/)
        .and.contain(text);
    });
  }

  it('forwards what events prints as JSON, as it was', async () => {
    await broker.client.publish({ topic: '/a', event: { typeUrl: 'x', value: Buffer.from('hi') } });
    await broker.client.forward({
      timestamp: { seconds: 1_700_000_000n, nanos: 5 },
      namespace: 'moby',
      topic: '/b',
      event: undefined,
    });
    const { stdout: before } = await command(['events', '--no-follow', '--format', 'json']);
    const other = await new TestBroker().start();
    try {
      const forwarded = await foghorn(['-a', other.address, 'forward'], { stdin: `${before}\n` });
      expect(forwarded).to.deep.equal({ exitCode: 0, stdout: '', stderr: '' });
      const { stdout } = await foghorn([
        '-a',
        other.address,
        'events',
        '--no-follow',
        '--format',
        'json',
      ]);
      const withoutCursors = (text: string) => text.replaceAll(/"cursor":"[^"]*"/g, '');
      expect(withoutCursors(stdout)).to.equal(withoutCursors(before)).and.contain('"/b"');
    } finally {
      await other.remove();
    }
  });

  it('names the line that it could not forward, and what was accepted before', async () => {
    const good = '{"timestamp":"2023-11-14T22:13:20Z","namespace":"a","topic":"/t"}';
    const outcomes = [
      await command(['forward'], { stdin: `${good}\n\n{\n${good}\n` }),
      await command(['forward'], { stdin: good.replace('/t', 't') }),
    ];
    expect(outcomes.map(({ exitCode }) => exitCode)).to.deep.equal([1, 1]);
    expect(outcomes[0]?.stderr).to.match(
      /^foghorn: line 3: .* \(1 envelope was accepted before it\)\n$/,
    );
    expect(outcomes[1]?.stderr).to.equal(
      `foghorn: line 1: envelope topic "t": must start with '/': invalid argument (0 envelopes were accepted before it)\n`,
    );
    expect(await lines()).to.deep.equal(['a /t']);
  });

  it('shows only what was asked for', async () => {
    for (const [index, topic] of ['/a', '/b', '/a', '/c'].entries()) {
      await broker.client.forward({
        timestamp: { seconds: BigInt(100 + index), nanos: 0 },
        namespace: index === 2 ? 'moby' : 'default',
        topic,
        event: undefined,
      });
    }
    expect(await lines('--topic', '/a')).to.deep.equal(['default /a', 'moby /a']);
    expect(await lines('--topic', '/a', 'namespace==moby', 'namespace==none')).to.deep.equal([
      'moby /a',
    ]);
    expect(await lines('topic=="/b"', 'topic=="/c"')).to.deep.equal(['default /b', 'default /c']);
    expect(await lines('--since', '101', '--limit', '2')).to.deep.equal(['default /b', 'moby /a']);
    expect(await lines('--until', '101')).to.deep.equal(['default /a', 'default /b']);
  });

  it('shows one container of one namespace', async () => {
    for (const [namespace, id] of [
      ['default', 'c1'],
      ['moby', 'c1'],
      ['moby', 'c2'],
    ] as const) {
      await command([
        '-n',
        namespace,
        'publish',
        '--topic',
        '/tasks/oom',
        '--type',
        'containerd.events.TaskOOM',
        '--json',
        JSON.stringify({ container_id: id }),
      ]);
    }
    expect(await lines('-n', 'moby', '--container', 'c1')).to.deep.equal([
      'moby /tasks/oom {"container_id":"c1"}',
    ]);
  });

  it('describes the history for people and for programs', async () => {
    await broker.client.publish({ topic: '/a' });
    const table = await command(['describe']);
    expect(table.stdout).to.match(
      /^Durability {5}fsync: an acknowledged event survives power loss$/m,
    );
    expect(table.stdout)
      .to.match(/^Entries {8}1$/m)
      .and.match(/^First {10}offset 1, stored .*Z, cursor \S+$/m);
    const { stdout } = await command(['describe', '--format', 'json']);
    const description = JSON.parse(stdout) as Record<string, unknown>;
    expect(description).to.deep.include({ durability: 'fsync', entry_count: 1 });
    expect(description.last).to.deep.equal(description.first).and.to.have.property('offset', 1);
  });
});
