import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { events, pack, type Any } from '../../../client/index.js';
import {
  observedRunEnvelope,
  type RunObservation,
} from '../../../bridge/reconcile/observed-run.js';
import { isPrivate } from '../../../cli/commands/on/private-addresses.js';
import { signature } from '../../../cli/commands/on/webhook.js';
import { filtersOf } from '../../../cli/commands/on/selection.js';
import { recorded, recordingBegun } from '../../support/docker/recorded-events.js';
import { eventually } from '../../support/eventually.js';
import { TestBroker } from '../test-broker.js';
import { foghorn, testTerminal, type TestTerminal } from '../test-terminal.js';
import { run } from '../../../cli/program.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const SHOWN_END = '$FOGHORN_NAMESPACE $FOGHORN_CONTAINER $FOGHORN_EXIT_CODE';

describe('foghorn on and foghorn consumers', () => {
  let broker: TestBroker;
  let directory: string;

  beforeEach(async () => {
    broker = await new TestBroker().start();
    directory = mkdtempSync(join(tmpdir(), 'foghorn-on-'));
  });
  afterEach(async () => {
    await broker.remove();
    rmSync(directory, { recursive: true });
  });

  async function exit(containerId: string, exitStatus: number): Promise<void> {
    const event = pack(events.TaskExit, { containerId, id: containerId, pid: 7, exitStatus });
    await broker.client.publish({ topic: '/tasks/exit', event });
  }

  function on(...args: string[]): { terminal: TestTerminal; code: Promise<number> } {
    const terminal = testTerminal();
    return { terminal, code: run(terminal, ['-a', broker.address, 'on', ...args]) };
  }

  async function consumers(...args: string[]): Promise<string> {
    const terminal = testTerminal();
    expect(await run(terminal, ['-a', broker.address, 'consumers', ...args])).equal(0);
    return terminal.output.stdout;
  }

  it('lists consumers within 80 columns', async () => {
    await broker.client.consumers.create(`notify-${'a'.repeat(60)}`);
    const screen = testTerminal({ terminals: { stdout: true }, columns: 80 });
    expect(await run(screen, ['-a', broker.address, 'consumers', 'ls'])).equal(0);
    const lines = stripVTControlCharacters(screen.output.stdout).split('\n');
    expect(lines[1]).match(/^notify-a+… .* active$/);
    expect(Math.max(...lines.map((line) => line.length))).be.at.most(80);
  });

  it('runs the command for each event, with JSON on stdin and variables', async () => {
    const { terminal, code } = on(
      'alert',
      '--failed',
      '--',
      'sh',
      '-c',
      'cat; echo $FOGHORN_CONTAINER:$FOGHORN_EXIT_CODE',
    );
    await terminal.shows('created consumer alert');
    for (const status of [0, 3]) await exit('web', status);
    await terminal.shows('web:3');
    terminal.interrupt();
    expect(await code).equal(0);
    const { stdout } = terminal.output;
    expect(stdout).match(/^web +\| \{"cursor"/);
    expect(stdout).not.contain('web:0');
    expect(await consumers('ls')).match(/^NAME.*\nalert +0 +0 +0 +1 +0 +0 +active\n$/s);
    const screen = testTerminal({ terminals: { stdout: true } });
    expect(await run(screen, ['-a', broker.address, 'consumers', 'ls'])).equal(0);
    expect(screen.output.stdout).match(/^\u001b\[1mNAME/);
    Object.assign(screen.surroundings.env, { NO_COLOR: '1' });
    screen.output.stdout = '';
    expect(await run(screen, ['-a', broker.address, 'consumers', 'ls'])).equal(0);
    expect(screen.output.stdout).match(/^NAME/);
  });

  it('continues where it was, and runs nothing twice', async () => {
    const first = on('alert', '--', 'sh', '-c', 'echo got $FOGHORN_CONTAINER');
    await first.terminal.shows('created');
    await exit('one', 1);
    await first.terminal.shows('got one');
    first.terminal.interrupt();
    await first.code;
    await exit('two', 1);
    const second = on('alert', '--', 'sh', '-c', 'echo got $FOGHORN_CONTAINER');
    await second.terminal.shows('got two');
    second.terminal.interrupt();
    await second.code;
    expect(second.terminal.output.stdout).not.contain('got one');
  });

  it('tries again, parks with the reason, and replays', async () => {
    await broker.client.consumers.create('alert', { backoff: [0], maxDeliveries: 2 });
    const script = 'test -e ok || { echo no file >&2; exit 5; }';
    const { terminal, code } = on(
      'alert',
      '--tries',
      '2',
      '--',
      'sh',
      '-c',
      `cd ${directory}; ${script}`,
    );
    await exit('web', 1);
    await eventually(async () => (await broker.client.consumers.get('alert')).parked === 1n);
    expect(terminal.output.stderr).contain('delivery 1: exit code 5: no file');
    expect(await consumers('parked', 'alert')).match(/^1 .* 2 tries: exit code 5: no file\n/);
    const json = JSON.parse(await consumers('parked', 'alert', '--format', 'json')) as object;
    expect(json).deep.include({ number: 1, replaying: false });
    await run(testTerminal(), ['-a', broker.address, 'on', 'x']);
    const touched = on('touch', '--', 'touch', `${directory}/ok`);
    await touched.terminal.shows('created');
    await exit('db', 0);
    await eventually(async () => (await broker.client.consumers.get('touch')).acknowledged === 1n);
    touched.terminal.interrupt();
    await touched.code;
    expect(await consumers('replay', 'alert')).equal('1 parked events are delivered again\n');
    await eventually(async () => (await broker.client.consumers.get('alert')).parked === 0n);
    terminal.interrupt();
    expect(await code).equal(0);
    expect(await consumers('show', 'alert')).match(/parked +0 /);
    await consumers('pause', 'alert', '--reason', 'tests');
    expect(await consumers('ls')).contain('paused: tests');
    await consumers('reset', 'alert', '--all');
    await consumers('rm', 'alert');
    expect(await consumers('ls')).not.contain('alert');
  });

  it('lets a running command finish, and ends one that exceeds its time', async () => {
    const { terminal, code } = on('slow', '--', 'sh', '-c', 'echo begun; sleep 0.3; echo done');
    await terminal.shows('created');
    await exit('web', 1);
    await terminal.shows('begun');
    terminal.interrupt();
    expect(await code).equal(0);
    expect(terminal.output.stdout).contain('done');
    expect((await broker.client.consumers.get('slow')).acknowledged).equal(1n);
    const late = on('late', '--timeout', '100ms', '--', 'sleep', '60');
    await late.terminal.shows('created');
    await exit('web', 1);
    await late.terminal.shows('exceeded its time of 100 ms');
    late.terminal.interrupt();
    await late.code;
  });

  it('refuses a command line without a command, and one with two', async () => {
    for (const args of [
      ['a'],
      ['a', '--webhook', 'http://h', '--', 'true'],
      ['a', '--webhook', 'x'],
    ]) {
      expect(await on(...args).code).equal(2);
    }
  });

  it('writes a systemd unit', async () => {
    const terminal = testTerminal({ uid: 1000, state: directory });
    Object.assign(terminal.surroundings, { program: ['/usr/bin/foghorn'], home: directory });
    Object.assign(terminal.surroundings.env, { XDG_CONFIG_HOME: directory });
    Object.assign(terminal.surroundings.env, {
      FOGHORN_ADDRESS: 'broker:7877',
      FOGHORN_TLS_CA: 'certs/$ca "100%".pem',
      FOGHORN_STORE: 'memory:',
    });
    const args = ['on', 'alert', '--failed', '--install', '--', 'sh', '-c', 'echo "$X" 100%'];
    expect(await run(terminal, args)).equal(0);
    const unit = readFileSync(`${directory}/systemd/user/foghorn-on-alert.service`, 'utf8');
    expect(unit).contain(
      'ExecStart="/usr/bin/foghorn" "on" "alert" "--failed" "--" "sh" "-c" "echo \\"$$X\\" 100%%"',
    );
    expect(unit).contain(
      [
        'WorkingDirectory=/home/user/work',
        'Environment="FOGHORN_ADDRESS=broker:7877"',
        'Environment="FOGHORN_TLS_CA=certs/$ca \\"100%%\\".pem"',
        'Restart=always',
      ].join('\n'),
    );
  });

  it('refuses to install a secret that every user could read', async () => {
    const terminal = testTerminal({ uid: 1000 });
    Object.assign(terminal.surroundings, { program: ['/usr/bin/foghorn'], home: directory });
    Object.assign(terminal.surroundings.env, { FOGHORN_WEBHOOK_SECRET: 'secret' });
    const args = ['on', 'hook', '--webhook', 'https://example.com', '--install'];
    expect(await run(terminal, args)).equal(1);
    expect(terminal.output.stderr).contain('use --secret-file');
    expect(existsSync(join(directory, '.config'))).equal(false);
  });

  it('runs once for an end that an engine and its containerd report', async () => {
    const { terminal, code } = on('alert', '--failed', '--', 'sh', '-c', `echo ${SHOWN_END}`);
    await terminal.shows('created consumer alert');
    const time = { seconds: 100n, nanos: 0 };
    const of = (containerId: string, id: string, exitStatus: number) =>
      pack(events.TaskExit, { containerId, id, pid: 7, exitStatus, exitedAt: time });
    const forward = (namespace: string, event: Any) =>
      broker.client.forward({ timestamp: time, namespace, topic: '/tasks/exit', event });
    await broker.client.forward(recordingBegun('moby'));
    await broker.client.forward(recorded({ action: 'start', timeNano: 99_000_000_000n }, 'moby'));
    await forward('moby', of('c1', 'c1', 3));
    const attributes = new Map([['exitCode', '3']]);
    const die = { action: 'die', attributes, timeNano: 100_000_000_000n };
    await broker.client.forward(recorded(die, 'moby'));
    await forward('moby', of('c1', 'exec', 4));
    await forward('default', of('c1', 'c1', 5));
    await forward('default', of('last', 'last', 6));
    for (const end of ['moby c1 4', 'last 6']) await terminal.shows(end);
    terminal.interrupt();
    await code;
    const shown = [...terminal.output.stdout.matchAll(/\| (.*)/g)].map(([, text]) => text);
    expect(shown.toSorted()).deep.equal([
      'default c1 5',
      'default last 6',
      'moby c1 3',
      'moby c1 4',
    ]);
  });

  it('hands the trace of an event to its command, and none of its own', async () => {
    const shows = 'echo "[$TRACEPARENT $TRACESTATE $FOGHORN_TRACEPARENT]"';
    await broker.client.consumers.create('traced', { filters: ['topic=="/t"'] });
    const { terminal, code } = on('traced', 'topic=="/t"', '--', 'sh', '-c', shows);
    Object.assign(terminal.surroundings.env, { TRACEPARENT: 'of the command itself' });
    const trace = { traceparent: TRACEPARENT, tracestate: 'rojo=1' };
    await broker.client.publish({ topic: '/t', trace });
    await broker.client.publish({ topic: '/t' });
    await eventually(() => terminal.output.stdout.split('\n').length > 2);
    terminal.interrupt();
    expect(await code).equal(0);
    expect(terminal.output.stdout).contain(`[${TRACEPARENT} rojo=1 ${TRACEPARENT}]`);
    expect(terminal.output.stdout).contain('[  ]');
  });

  it('runs for failed ends that a recorder found out, and once beside the engine', async () => {
    const { terminal, code } = on('alert', '--failed', '--', 'sh', '-c', `echo ${SHOWN_END}`);
    await terminal.shows('created consumer alert');
    const ended = (exitStatus: number): RunObservation => ({
      $case: 'ended',
      value: { exitStatus, exitedAt: undefined },
    });
    let time = 100_000_000_000n;
    const found = (namespace: string, containerId: string, observation: RunObservation) => {
      const subject = { namespace, containerId, pid: 7 };
      return broker.client.forward(observedRunEnvelope(subject, (time += 1n), observation));
    };
    await found('default', 'zero', ended(0));
    await found('default', 'goes-on', { $case: 'goesOn', value: {} });
    await found('default', 'ended', ended(7));
    const lost = { reason: 'host rebooted', lastSeen: undefined };
    await found('default', 'lost', { $case: 'lost', value: lost });
    const notStarted = { exitStatus: 127, reason: 'no such file' };
    await found('default', 'failed', { $case: 'notStarted', value: notStarted });
    const unasked = { exitStatus: undefined, reason: 'removed before it was asked' };
    await found('default', 'unasked', { $case: 'notStarted', value: unasked });
    await broker.client.forward(recordingBegun('moby'));
    await broker.client.forward(recorded({ action: 'start', timeNano: time }, 'moby'));
    const attributes = new Map([['exitCode', '3']]);
    const die = { action: 'die', attributes, timeNano: (time += 1n) };
    await broker.client.forward(recorded(die, 'moby'));
    await found('moby', 'c1', ended(3));
    await found('default', 'last', ended(8));
    await terminal.shows('last 8');
    terminal.interrupt();
    await code;
    const shown = [...terminal.output.stdout.matchAll(/\| (.*)/g)].map(([, text]) => text);
    expect(shown.toSorted()).deep.equal([
      'default ended 7',
      'default failed 127',
      'default last 8',
      'default lost',
      'default unasked',
      'moby c1 3',
    ]);
  });

  describe('--webhook', () => {
    let receiver: Server;
    let url: string;
    let requests: { headers: IncomingMessage['headers']; body: string }[];
    let respond: (response: ServerResponse, count: number) => void;

    beforeEach(async () => {
      requests = [];
      respond = (response) => response.end();
      receiver = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          requests.push({ headers: request.headers, body });
          respond(response, requests.length);
        });
      });
      receiver.listen(0, '127.0.0.1');
      await once(receiver, 'listening');
      url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    });
    afterEach(() => {
      receiver.closeAllConnections();
      receiver.close();
    });

    async function deliver(count: number, args: readonly string[]): Promise<TestTerminal> {
      await broker.client.consumers.create('hook', { backoff: [0] });
      const { terminal, code } = on('hook', '--webhook', url, ...args);
      for (let i = 1; i <= count; i++) await exit('web', i);
      await eventually(
        async () => (await broker.client.consumers.get('hook')).acknowledged === BigInt(count),
      );
      terminal.interrupt();
      expect(await code).equal(0);
      return terminal;
    }

    it('posts signed CloudEvents, structured or binary', async () => {
      const secretFile = join(directory, 'secret');
      writeFileSync(secretFile, 's3cret\n');
      await deliver(1, ['--allow-private', '--secret-file', secretFile]);
      const [{ headers, body }] = requests as [(typeof requests)[0]];
      expect(headers['content-type']).match(/^application\/cloudevents\+json/);
      expect(JSON.parse(body)).deep.include({
        specversion: '1.0',
        type: 'containerd.events.TaskExit',
        source: '/namespaces/default',
        subject: 'web',
        topic: '/tasks/exit',
        id: headers['webhook-id'],
      });
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      expect(headers['webhook-signature']).equal(signature('s3cret', signed));
      await broker.client.consumers.remove('hook');
      await deliver(1, ['--allow-private', '--cloudevents', 'binary']);
      const second = requests.at(-1)!;
      expect(second.headers).include({
        'ce-specversion': '1.0',
        'ce-topic': '%2Ftasks%2Fexit'.replaceAll('%2F', '/'),
      });
      expect(JSON.parse(second.body)).include({ container_id: 'web', exit_status: 1 });
    });

    it('posts the CloudEvents that `events` prints, with the number of the delivery', async () => {
      const trace = { traceparent: TRACEPARENT, tracestate: '' };
      const unknown = { typeUrl: 'example.com/No', value: Buffer.from([0xff, 1]) };
      await broker.client.consumers.create('hook');
      await exit('web', 3);
      await broker.client.publish({ topic: '/unknown', event: unknown, trace });
      await broker.client.publish({ topic: '/empty' });
      const { terminal, code } = on('hook', '--webhook', url, '--allow-private');
      await eventually(() => requests.length === 3);
      terminal.interrupt();
      expect(await code).equal(0);

      const { stdout } = await foghorn([
        ...[
          '-a',
          broker.address,
          'events',
          '--since',
          '1h',
          '--no-follow',
          '--format',
          'cloudevents',
        ],
      ]);
      const wanted = stdout.trimEnd().split('\n');
      const posted = requests.map(({ body }) => JSON.parse(body) as object);
      expect(posted).deep.equal(
        wanted.map((line) => ({ ...(JSON.parse(line) as object), delivery: 1 })),
      );
      expect(posted[1]).include({ data_base64: '/wE=', traceparent: TRACEPARENT });
      expect(posted[2]).include({ type: 'foghorn.event' }).and.not.property('data');
    });

    it('posts the bytes of an unknown type, signed, in binary mode', async () => {
      const secretFile = join(directory, 'secret');
      writeFileSync(secretFile, 's3cret');
      const args = ['--allow-private', '--secret-file', secretFile, '--cloudevents', 'binary'];
      await broker.client.consumers.create('hook');
      const { terminal, code } = on('hook', '--webhook', url, ...args);
      const value = Buffer.from('text');
      await broker.client.publish({ topic: '/a', event: { typeUrl: 'example.com/No', value } });
      await eventually(() => requests.length === 1);
      terminal.interrupt();
      expect(await code).equal(0);
      const [{ headers, body }] = requests as [(typeof requests)[0]];
      expect(headers).include({ 'ce-type': 'example.com/No', 'ce-delivery': '1' });
      expect(headers['content-type']).equal('application/protobuf');
      expect(body).equal('text');
      const head = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`;
      expect(headers['webhook-signature']).equal(signature('s3cret', head, 'text'));
    });

    it('hands the trace of an event on', async () => {
      const trace = { traceparent: TRACEPARENT, tracestate: 'rojo=1' };
      await broker.client.consumers.create('hook');
      const { terminal, code } = on('hook', '--webhook', url, '--allow-private');
      await broker.client.publish({ topic: '/t', trace });
      await eventually(() => requests.length === 1);
      terminal.interrupt();
      expect(await code).equal(0);
      expect(requests[0]!.headers).include(trace);
      expect(JSON.parse(requests[0]!.body)).include(trace);
    });

    it('keeps the order of a container when the receiver fails in every way', async () => {
      respond = (response, count) => {
        if (count % 7 === 1) response.writeHead(500).end();
        else if (count % 7 === 2) response.writeHead(429, { 'retry-after': '0' }).end();
        else if (count % 7 === 3) response.destroy();
        else if (count % 7 === 4) response.writeHead(302, { location: '/' }).end();
        else if (count % 7 === 5) return;
        else response.end('ok');
      };
      const terminal = await deliver(4, ['--allow-private', '--timeout', '1s', '--jobs', '4']);
      const order = requests.map(({ body }) => (JSON.parse(body) as Posted).data.exit_status);
      expect(order).deep.equal([...order].sort((a, b) => a - b));
      for (const text of ['HTTP 500', 'HTTP 429', 'redirects are refused', 'no answer within']) {
        expect(terminal.output.stderr).contain(text);
      }
    });

    it('refuses private addresses unless they are allowed', async () => {
      const { terminal, code } = on('hook', '--webhook', url.replace('127.0.0.1', 'localhost'));
      await terminal.shows('created');
      await exit('web', 1);
      await terminal.shows('is a private address');
      terminal.interrupt();
      await code;
      expect(requests).deep.equal([]);
      const privates = [
        '127.0.0.1',
        '10.1.2.3',
        '::1',
        '::ffff:10.0.0.1',
        'fe80::1',
        '169.254.169.254',
      ];
      for (const address of privates) expect(isPrivate(address), address).equal(true);
      for (const address of ['1.1.1.1', '2606:4700::1']) expect(isPrivate(address)).equal(false);
    });
  });

  it('ends at the start for a command that does not exist, and makes no consumer', async () => {
    for (const file of ['no-such-command', './no-such-command', '/tmp']) {
      const { terminal, code } = on('none', '--', file);
      expect(await code).equal(1);
      expect(terminal.output.stderr).contain(`cannot run "${file}": expected a program`);
    }
    expect(await consumers('ls')).not.contain('none');
  });

  it("points into the user's own text where a filter is refused", async () => {
    const { terminal, code } = on('-n', 'moby', 'bad', '--failed', 'event.id==a b', '--', 'true');
    expect(await code).equal(2);
    expect(terminal.output.stderr).contain('parse error: [event.id==a >| |< b]');
    expect(terminal.output.stderr).not.contain('namespace==');
  });

  it('warns of flags that no event can pass together', async () => {
    const { terminal, code } = on('none', '--failed', '--topic', '/tasks/oom', '--', 'true');
    await terminal.shows('created consumer none');
    terminal.interrupt();
    await code;
    expect(terminal.output.stderr).match(/^foghorn: warning: nothing can match: /);
  });

  it('says what it changes of a consumer that exists, and what it keeps', async () => {
    const first = on('alert', '--topic', '/a', '--', 'true');
    await first.terminal.shows('created consumer alert');
    first.terminal.interrupt();
    await first.code;
    const second = on('-n', 'moby', 'alert', '--tries', '3', '--all', '--', 'true');
    await second.terminal.shows('\n');
    second.terminal.interrupt();
    await second.code;
    expect(second.terminal.output.stderr).equal(
      'foghorn: changed consumer alert: its filters are ["namespace==\\"moby\\""], ' +
        'and were ["topic==\\"/a\\""]; it tries an event 3 times, and tried 10 times; ' +
        'it continues where it was: --since and --all count at its first start ' +
        '(see foghorn consumers reset alert)\n',
    );
  });

  it('keeps the settings that the command line does not name', async () => {
    const { consumers } = broker.client;
    const before = await consumers.create('alert', {
      filters: ['topic=="/a"'],
      ordering: 'total',
      ackWait: 5500,
      maxDeliveries: 4,
      backoff: [1, 20],
      maxInFlight: 7,
      gapPolicy: 'pause',
      hold: 4096,
    });
    const { terminal, code } = on('alert', '--topic', '/b', '--', 'true');
    await terminal.shows('changed consumer alert');
    terminal.interrupt();
    await code;
    const { settings } = await consumers.get('alert');
    expect(settings).deep.equal({ ...before.settings, filters: ['topic=="/b"'] });
  });

  it('runs the command once for all events of a time, and again when it fails', async () => {
    const script = `cat; echo count $FOGHORN_COUNT; test -e ok || { touch ok; exit 5; }`;
    const { terminal, code } = on(
      ...['digest', '--every', '300ms', '--', 'sh', '-c', `cd ${directory}; ${script}`],
    );
    await terminal.shows('created consumer digest');
    for (const id of ['a', 'b', 'c']) await exit(id, 1);
    await terminal.shows('exit code 5');
    await eventually(async () => (await broker.client.consumers.get('digest')).acknowledged === 3n);
    terminal.interrupt();
    expect(await code).equal(0);
    const { stdout } = terminal.output;
    const counts = [...stdout.matchAll(/count (\d+)/g)].map(([, count]) => Number(count));
    // The first of the batches fails; its events come again.
    expect(counts.reduce((sum, count) => sum + count)).equal(3 + counts[0]!);
    expect(stdout.match(/\{"cursor"/g)).lengthOf(3 + counts[0]!);
    expect(stdout).match(/^\d events +\| /m);
  });

  it('refuses batches for a webhook', async () => {
    const { terminal, code } = on('a', '--every', '1s', '--webhook', 'http://localhost/');
    expect(await code).equal(2);
    expect(terminal.output.stderr).contain("'--every <D>' cannot be used with");
  });

  it('lets retention wait with --hold, until it is told none', async () => {
    for (const [hold, stderr] of [
      ['1MiB', 'created consumer alert\n'],
      ['none', 'retention waits for none of its events, and waited for up to 1.0 MiB of events\n'],
    ] as const) {
      const { terminal, code } = on('alert', '--hold', hold, '--', 'true');
      await terminal.shows('\n');
      terminal.interrupt();
      await code;
      expect(terminal.output.stderr).contain(stderr);
      const expected = hold === 'none' ? 'none: retention' : 'retention waits for up to 1.0 MiB';
      expect(await consumers('show', 'alert')).match(new RegExp(`^hold +${expected}`, 'm'));
    }
  });

  it('says that a consumer tried without limit', async () => {
    await broker.client.consumers.create('endless', { maxDeliveries: 0 });
    const { terminal, code } = on('endless', '--tries', '3', '--', 'true');
    await terminal.shows('\n');
    terminal.interrupt();
    await code;
    expect(terminal.output.stderr).contain('it tries an event 3 times, and tried without limit\n');
  });

  it('lets a paused consumer go on, and says so of one that is not paused', async () => {
    const { terminal, code } = on('alert', '--', 'true');
    await terminal.shows('created consumer alert');
    terminal.interrupt();
    await code;
    await consumers('pause', 'alert', '--reason', 'until Monday');
    expect(await consumers('resume', 'alert')).equal(
      'alert goes on; it was paused: until Monday\n',
    );
    expect(await consumers('ls')).contain('active');
    const again = await foghorn(['-a', broker.address, 'consumers', 'resume', 'alert']);
    expect(again).deep.equal({ exitCode: 0, stdout: '', stderr: 'foghorn: alert is not paused\n' });
  });

  it('combines filters with what the flags ask for', () => {
    expect(filtersOf([], {}, 'n"')).deep.equal(['namespace=="n\\""']);
    expect(filtersOf([], {})).deep.equal([]);
    expect(filtersOf(['a==1', 'b==2'], { topic: '/t' })).deep.equal([
      'a==1,topic=="/t"',
      'b==2,topic=="/t"',
    ]);
    const failed = filtersOf(['a==1'], { failed: true, topic: '/t' });
    expect(failed).contain('a==1,topic=="/tasks/exit",event.exit_status!=0,topic=="/t"');
    for (const filter of failed) expect(filter).match(/^a==1,topic==.*,topic=="\/t"$/);
  });
});

interface Posted {
  readonly data: { readonly exit_status: number };
}
