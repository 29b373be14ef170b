import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../../cli/program.js';
import { TestBroker } from '../test-broker.js';
import { foghorn, testTerminal } from '../test-terminal.js';

describe('foghorn events', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await new TestBroker().start();
  });

  afterEach(async () => {
    await broker.remove();
  });

  /** Waits until the command's own read is among the broker's live streams. */
  async function untilFollowing(): Promise<void> {
    while ((await broker.client.describe()).subscriptionCount === 0);
  }

  it('follows from now on, across a restart of the broker, until it is interrupted', async () => {
    await broker.client.publish({ topic: '/before' });
    const terminal = testTerminal();
    const exit = run(terminal, ['-a', broker.address, 'events']);
    await untilFollowing();
    await broker.client.publish({ topic: '/one' });
    await terminal.shows('/one');
    await broker.stop();
    await terminal.shows('retrying');
    await broker.start();
    await broker.client.publish({ topic: '/two' });
    await terminal.shows('/two');
    terminal.interrupt();
    expect(await exit).to.equal(0);
    const topics = terminal.output.stdout.match(/\/\w+/g);
    expect(topics).to.deep.equal(['/one', '/two']);
    expect(terminal.output.stderr).to.equal(
      'foghorn: no connection to the broker (the broker is shutting down); retrying\n' +
        'foghorn: the broker is back\n',
    );
  });

  it('stops at the limit and resumes after a cursor', async () => {
    for (const topic of ['/a', '/b', '/c']) await broker.client.publish({ topic });
    const read = (...args: string[]) =>
      foghorn(['-a', broker.address, 'events', '--format', 'json', ...args]);
    const first = await read('--since', '1h', '--limit', '1');
    const { cursor, topic } = JSON.parse(first.stdout) as { cursor: string; topic: string };
    expect(topic).to.equal('/a');
    const rest = await read('--after', cursor, '--no-follow');
    expect(rest.stdout.match(/"topic":"[^"]*"/g)).to.deep.equal(['"topic":"/b"', '"topic":"/c"']);
  });

  it('fails with the reason when the place of --after is in another history', async () => {
    await broker.client.publish({ topic: '/a' });
    const other = await new TestBroker().start();
    try {
      await other.client.publish({ topic: '/a' });
      const cursor = (await other.client.describe()).last?.cursor ?? '';
      const { exitCode, stdout, stderr } = await foghorn([
        '-a',
        broker.address,
        'events',
        '--no-follow',
        '--after',
        cursor,
      ]);
      expect({ exitCode, stdout }).to.deep.equal({ exitCode: 1, stdout: '' });
      expect(stderr).to.match(/^foghorn: cannot go on after cursor .+\n$/);
    } finally {
      await other.remove();
    }
  });

  it('continues when it resumes after a loss, and reports the gap', async () => {
    await broker.client.publish({ topic: '/a' });
    const cursor = (await broker.client.describe()).last?.cursor ?? '';
    const terminal = testTerminal();
    const exit = run(terminal, ['-a', broker.address, 'events', '--after', cursor]);
    await untilFollowing();
    await broker.stop();
    rmSync(join(broker.directory, 'store'), { recursive: true });
    await broker.start();
    await broker.client.publish({ topic: '/b' });
    await terminal.shows('/b');
    terminal.interrupt();
    expect(await exit).to.equal(0);
    expect(terminal.output.stderr).to.contain(
      'foghorn: events are missing here: the history was recreated\n',
    );
  });

  it('refuses a filter that is none, with the place of the mistake', async () => {
    const { exitCode, stderr } = await foghorn(['-a', broker.address, 'events', 'bad==']);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('[bad==]: expected value or quoted');
  });
});
