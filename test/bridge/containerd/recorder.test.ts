import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../../cli/program.js';
import { TestBroker } from '../../cli/test-broker.js';
import { foghorn, testTerminal } from '../../cli/test-terminal.js';
import type { TestTerminal } from '../../cli/test-terminal.js';

/** The source is a broker too: it serves containerd's API, and it keeps what a test published. */
describe('foghorn bridge containerd', () => {
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
      ...['-a', sink.address, 'bridge', 'containerd'],
      ...['--from', source.address.replace('unix://', '')],
      ...['--state', join(sink.directory, 'state.json')],
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

  it('reports the span that may be missing when containerd was down', async () => {
    const exit = bridge();
    await terminal.shows('from now on');
    await source.client.publish({ topic: '/one' });
    await untilStored(1n);
    const [line = ''] = await history(sink);
    await source.stop();
    await terminal.shows('no connection to containerd');
    await source.start();
    await terminal.shows('may be missing');
    const time = /(\S+) (\S+) \+0000/.exec(line)?.slice(1).join('T') ?? 'no time';
    expect(terminal.output.stderr).to.match(
      new RegExp(`events between ${time}Z and 20\\S+Z may be missing`),
    );
    await source.client.publish({ topic: '/two' });
    await untilStored(2n);
    terminal.interrupt();
    expect(await exit).to.equal(0);
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

  it('stops while the broker is away, and reports what it could not store', async () => {
    const exit = bridge();
    await terminal.shows('from now on');
    await sink.stop();
    await source.client.publish({ topic: '/lost' });
    await terminal.shows('no connection to the broker');
    terminal.interrupt();
    expect(await exit).to.equal(0);
    expect(terminal.output.stderr).to.contain('stopped before an event of /lost could be stored');
  });
});
