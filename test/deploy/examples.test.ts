import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { builtMain } from '../support/processes/build.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { eventually } from '../support/eventually.js';
import { ROOT } from './compose-file.js';

/** Seconds after which a script that a test has left running ends. */
const LIMIT = '120';

describe('the examples of docker-compose.yml', function () {
  this.timeout(120_000);
  const cleanup = new Cleanup();
  let broker: BrokerProcess;
  let bookmark: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-examples-'));
    cleanup.defer(() => {
      rmSync(directory, { recursive: true });
    });
    broker = await BrokerProcess.create(cleanup);
    // The file itself, as `npm link` and the image have it: it must be executable.
    symlinkSync(await builtMain(), join(directory, 'foghorn'));
    bookmark = join(directory, 'bookmark');
    env = {
      ...process.env,
      PATH: `${directory}${delimiter}${process.env.PATH ?? ''}`,
      FOGHORN_ADDRESS: broker.address,
      FOGHORN_SPOOL: join(directory, 'spool'),
      BOOKMARK: bookmark,
      SECONDS_BETWEEN: '0',
    };
  });

  afterEach(() => cleanup.run());

  /** `timeout` passes a signal on to all that the script has started, as a container's end does. */
  function start(script: string): Child {
    const child = new Child('timeout', [LIMIT, 'sh', join(ROOT, 'examples/compose', script)], {
      env,
    });
    cleanup.defer(() => child.end('SIGTERM'));
    return child;
  }

  /** Runs the publisher for so many jobs, or somewhat more, which are the ones that are told. */
  async function publish(count: number): Promise<number> {
    const publisher = start('publisher.sh');
    await publisher.until('publish', () => publisher.stdout.length >= count);
    await publisher.end('SIGTERM');
    return publisher.stdout.length;
  }

  async function stored(): Promise<{ cursor: string; event: { container_id: string } }[]> {
    const events = await broker.run(['events', '--no-follow', '--format', 'json']);
    const { stdout } = await events.succeeded();
    return stdout.map((line) => JSON.parse(line) as never);
  }

  it('publish through a spool what happens while the broker is away', async () => {
    const publisher = start('publisher.sh');
    await publisher.until('keep an exit', () => publisher.stderr.join().includes('kept in'));
    await broker.start();
    const before = publisher.stdout.length;
    await publisher.until('go on', () => publisher.stdout.length > before + 1);
    await publisher.end('SIGTERM');
    const jobs = (await stored()).map(({ event }) => event.container_id);
    expect(jobs).to.have.length.above(before);
    expect(jobs).to.deep.equal(jobs.map((_, index) => `job-${index + 1}`));
  });

  it('show every exit, and go on after the last one', async () => {
    await broker.start();
    await publish(2);
    const first = await stored();
    const before = start('subscriber.sh');
    const last = first.at(-1)!.cursor;
    await eventually(() => before.stdout.length > 0 && readBookmark() === last);
    await before.end('SIGTERM');
    expect(before.stdout.map(cursorOf)).to.deep.equal(first.map(({ cursor }) => cursor));

    await publish(2);
    const second = (await stored()).slice(first.length);
    const after = start('subscriber.sh');
    await after.until('go on', () => after.stdout.length >= second.length);
    await after.end('SIGTERM');
    expect(after.stdout.map(cursorOf)).to.deep.equal(second.map(({ cursor }) => cursor));
  });

  function readBookmark(): string {
    try {
      return readFileSync(bookmark, 'utf8');
    } catch {
      return '';
    }
  }
});

function cursorOf(line: string): string {
  return (JSON.parse(line) as { cursor: string }).cursor;
}
