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

/** Ends a script that a failed test has left running. */
const SCRIPT_TIMEOUT_SECONDS = '120';

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

  /** Starts a script under `timeout`, which forwards signals to all its processes. */
  function start(script: string): Child {
    const path = join(ROOT, 'examples/compose', script);
    const child = new Child('timeout', [SCRIPT_TIMEOUT_SECONDS, 'sh', path], { env });
    cleanup.defer(() => child.end('SIGTERM'));
    return child;
  }

  /** Runs the publisher for at least `count` jobs and resolves with their number. */
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

  it('publish through a spool while the broker is away', async () => {
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

  it('show every exit, and resume after the last one', async () => {
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
