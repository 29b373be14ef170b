import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { expect } from 'chai';
import { nanosFromTimestamp } from '../../../client/index.js';
import { run } from '../../../cli/program.js';
import { ScriptedPeer } from '../../client/scripted-peer.js';
import type { AppendCall } from '../../client/scripted-peer.js';
import { TestBroker } from '../../cli/test-broker.js';
import { foghorn, testTerminal } from '../../cli/test-terminal.js';
import type { TestTerminal } from '../../cli/test-terminal.js';
import { missedIn } from '../missed.js';

const SPAN = /events between (\S+) and (\S+) may be missing$/m;

/** The source is a broker too: it serves containerd's API, and it keeps what a test published. */
describe('foghorn record containerd', () => {
  let source: TestBroker;
  let sink: TestBroker;
  let terminal: TestTerminal;

  beforeEach(async () => {
    source = await new TestBroker().start();
    sink = await new TestBroker().start();
    terminal = testTerminal();
  });

  afterEach(async () => {
    await source.remove();
    await sink.remove();
  });

  function bridge(): Promise<number> {
    return run(terminal, [
      ...['-a', sink.address, 'record', 'containerd'],
      ...['--from', source.address.replace('unix://', '')],
      ...['--spool', join(sink.directory, 'recorder')],
    ]);
  }

  async function untilStored(count: bigint): Promise<void> {
    while ((await sink.client.describe()).entryCount < count);
  }

  async function history(broker: TestBroker): Promise<string[]> {
    const { stdout } = await foghorn(['-a', broker.address, 'events', '--no-follow']);
    return stdout.split('\n').slice(0, -1);
  }

  it('stores events in order with their own time and namespace, and loses none while the broker is away', async () => {
    const exit = bridge();
    await terminal.shows('from now on');
    for (let n = 1; n <= 20; n++) {
      await source.client.publish({ topic: `/n/${n}`, namespace: `ns${n}` });
    }
    await untilStored(20n);
    await sink.stop();
    await source.client.publish({ topic: '/while/away' });
    await terminal.shows('no connection to the broker');
    for (let n = 21; n <= 40; n++) await source.client.publish({ topic: `/n/${n}` });
    await sink.start();
    await untilStored(41n);
    expect(terminal.output.stderr).to.contain('the broker is back').and.not.contain('missing');
    terminal.interrupt();
    expect(await exit).to.equal(0);
    expect(await history(sink)).to.deep.equal(await history(source));
  });

  it('reports the span that may be missing when containerd was down, from where the following stopped', async () => {
    const exit = bridge();
    await terminal.shows('from now on');
    await source.client.publish({ topic: '/one' });
    await untilStored(1n);
    await delay(2500);
    const stopped = Date.now();
    await source.stop();
    await terminal.shows('no connection to containerd');
    await source.start();
    await terminal.shows('may be missing');
    const [, from = '', to = ''] = SPAN.exec(terminal.output.stderr) ?? [];
    expect(Date.parse(from)).to.be.within(stopped - 2500, stopped);
    expect(Date.parse(to)).to.be.above(stopped);
    await source.client.publish({ topic: '/two' });
    await untilStored(3n);
    terminal.interrupt();
    expect(await exit).to.equal(0);
    const missed = await missedIn(sink.client);
    expect(missed).to.have.length(1);
    expect(missed[0]).to.deep.include({ namespace: 'foghorn' });
    expect(missed[0]!.missed).to.deep.include({
      daemon: 'containerd',
      address: source.address,
      reason: 'the connection to containerd was lost',
    });
    expect(nanosFromTimestamp(missed[0]!.missed.from!) / 1_000_000n).to.equal(
      BigInt(Date.parse(from)),
    );
    const topics = (await history(sink)).map((line) => line.split(' ')[5]);
    expect(topics).to.deep.equal(['/one', '/foghorn/recorder', '/two']);
    const filtered = ['events', '--no-follow', 'topic~="/(one|two)"'];
    const { stdout, stderr } = await foghorn(['-a', sink.address, ...filtered]);
    expect(stdout).to.contain('/one').and.contain('/two').and.not.contain('recorder');
    expect(stderr).to.contain('events may be missing here: a recorder was away or behind');
  });

  it('reports the span that may be missing when the recorder was down', async () => {
    const first = bridge();
    await terminal.shows('from now on');
    terminal.interrupt();
    await first;
    terminal = testTerminal();
    const second = bridge();
    await terminal.shows('may be missing');
    terminal.interrupt();
    expect(await second).to.equal(0);
  });

  it('waits for a containerd that does not run yet', async () => {
    await source.stop();
    const exit = bridge();
    await terminal.shows('is `containerd` running? (no such socket)');
    await source.start();
    await terminal.shows('from now on');
    terminal.interrupt();
    expect(await exit).to.equal(0);
  });

  it('stops soon while the broker is away, and loses nothing', async () => {
    const exit = bridge();
    await terminal.shows('from now on');
    await sink.stop();
    await source.client.publish({ topic: '/first' });
    await terminal.shows('no connection to the broker');
    const published = Promise.all(
      Array.from({ length: 5000 }, (_, n) =>
        source.client.publish({ topic: `/n/${n}` }, { timeout: 120_000 }),
      ),
    );
    await published;
    const stopped = performance.now();
    terminal.interrupt();
    expect(await exit).to.equal(0);
    expect(performance.now() - stopped).to.be.below(10_000);
    await sink.start();
    terminal = testTerminal();
    const next = bridge();
    await untilStored(5001n);
    terminal.interrupt();
    expect(await next).to.equal(0);
    const stored = (await history(sink)).filter((line) => !line.includes('/foghorn/recorder'));
    expect(stored).to.deep.equal(await history(source));
  });

  it('ends when it would record the history that it records into', async () => {
    terminal = testTerminal();
    const args = ['-a', sink.address, 'record', 'containerd', '--from', sink.address];
    expect(await run(terminal, [...args, '--spool', join(sink.directory, 'recorder')])).to.equal(1);
    expect(terminal.output.stderr).to.contain('serves the history that --address records into');
  });

  it('says one line while containerd ends each subscription at once, and ends when it is not allowed', async () => {
    const refusals = [status.UNAVAILABLE, status.UNAVAILABLE, status.PERMISSION_DENIED];
    const peer = new ScriptedPeer(
      join(sink.directory, 'peer.sock'),
      {},
      {
        subscribe: (call: ServerWritableStream<unknown, unknown>) => {
          call.emit('error', { code: refusals.shift(), details: 'refused' });
        },
        publish: () => {},
        forward: () => {},
      },
    );
    await peer.start();
    try {
      const args = ['-a', sink.address, 'record', 'containerd', '--from', peer.address];
      expect(await run(terminal, [...args, '--spool', join(sink.directory, 'recorder')])).to.equal(
        1,
      );
    } finally {
      peer.kill();
    }
    expect(refusals).to.deep.equal([]);
    const lines = terminal.output.stderr.split('\n');
    expect(lines).to.have.length(3);
    expect(lines[0]).to.match(/no connection to containerd \(.*refused.*\); retrying$/);
    expect(lines[1]).to.equal('foghorn: refused');
  });

  it('ends when the broker does not allow it', async () => {
    const peer = new ScriptedPeer(join(sink.directory, 'peer.sock'), {
      append: (call: AppendCall) => {
        call.emit('error', { code: status.PERMISSION_DENIED, details: 'not yours' });
      },
    });
    await peer.start();
    try {
      const args = ['-a', peer.address, 'record', 'containerd', '--from', source.address];
      const exit = run(terminal, [...args, '--spool', join(sink.directory, 'recorder')]);
      await terminal.shows('from now on');
      await source.client.publish({ topic: '/one' });
      expect(await exit).to.equal(1);
    } finally {
      peer.kill();
    }
    expect(terminal.output.stderr).to.contain('foghorn: not yours\n');
  });
});
