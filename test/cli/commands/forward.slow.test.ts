import { Readable } from 'node:stream';
import { expect } from 'chai';
import { TestBroker } from '../test-broker.js';
import { foghorn } from '../test-terminal.js';

const LINES = 100_000;
const LINES_AT_A_TIME = 1000;

/** Yields numbered envelopes as lines of JSON. */
function* numberedLines(count: number): Generator<Buffer> {
  for (let from = 1; from <= count; from += LINES_AT_A_TIME) {
    const numbers = Array.from({ length: LINES_AT_A_TIME }, (_, index) => from + index);
    yield Buffer.from(numbers.map((number) => line(number)).join(''));
  }
}

function line(number: number): string {
  const timestamp = new Date(1_700_000_000_000 + number).toISOString();
  return `${JSON.stringify({ timestamp, namespace: 'moby', topic: `/n/${number}` })}\n`;
}

describe('foghorn forward', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await new TestBroker().start();
  });

  afterEach(async () => {
    await broker.remove();
  });

  function forward(stdin: Iterable<Buffer>) {
    const input = Readable.from(stdin, { objectMode: false });
    return foghorn(['-a', broker.address, 'forward'], { stdin: input });
  }

  async function topics(): Promise<string[]> {
    const read = broker.client.read({ start: 'earliest', stopWhenCaughtUp: true });
    const stored: string[] = [];
    for await (const message of read) {
      if (message.kind === 'entries') stored.push(...message.entries.map(({ topic }) => topic));
    }
    return stored;
  }

  it('moves a history of a hundred thousand envelopes, in order', async () => {
    const outcome = await forward(numberedLines(LINES));
    expect(outcome).to.deep.equal({ exitCode: 0, stdout: '', stderr: '' });
    const stored = await topics();
    expect(stored).to.have.lengthOf(LINES);
    expect(stored.findIndex((topic, index) => topic !== `/n/${index + 1}`)).to.equal(-1);
  });

  it('has thousands of lines on their way, and stores nothing after a line that it cannot parse', async () => {
    const { exitCode, stderr } = await forward([
      ...numberedLines(5000),
      Buffer.from('{"topic":1}\n'),
      ...numberedLines(1000),
    ]);
    expect(exitCode).to.equal(1);
    expect(stderr).to.match(
      /^foghorn: line 5001: topic: .* \(5000 envelopes were accepted before it\)\n$/,
    );
    expect(await topics()).to.have.lengthOf(5000);
  });

  it('names the first line that the broker refuses, among thousands on their way', async () => {
    const bad = line(0).replace('/n/0', 'n');
    const { exitCode, stderr } = await forward([
      ...numberedLines(2000),
      Buffer.from(bad),
      ...numberedLines(2000),
    ]);
    expect(exitCode).to.equal(1);
    expect(stderr).to.equal(
      `foghorn: line 2001: envelope topic "n": must start with '/': invalid argument (2000 envelopes were accepted before it)\n`,
    );
  });
});
