import { expect } from 'chai';
import { Entry } from '../../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope, numberOf } from '../../../support/envelopes.js';
import { forwardAll } from '../../../support/history-seed.js';
import { TestServer } from '../../../support/test-server.js';
import type { Headers, TestClient } from '../../../support/test-client.js';

/** Seconds since 1970 of the events, in the order of history. */
const TIMES = [10, 30, 20, 40];
const PAST = '1970-01-01T00:01:00Z';

describe('the metadata of Subscribe', () => {
  let server: TestServer;
  let client: TestClient;
  let cursors: string[];

  before(async () => {
    server = await TestServer.start();
    client = server.client();
    await forwardAll(
      client,
      TIMES.map((time) => exitEnvelope(time)),
    );
    const all = await client.subscribe([], { 'foghorn-until': PAST }).toEnd();
    cursors = all.map((bytes) => Entry.decode(bytes).cursor);
  });
  after(() => server.stop());

  async function times(headers: Headers): Promise<number[]> {
    const all = await client.subscribe([], headers).toEnd();
    return all.map((bytes) => numberOf(Entry.decode(bytes)));
  }

  const CASES: readonly [Headers, number[]][] = [
    // Starts with the history when only the end is given.
    [{ 'foghorn-until': PAST }, TIMES],
    [{ 'foghorn-until': '30' }, [10, 30, 20]],
    [{ 'foghorn-until': '29.999999999' }, [10, 20]],
    [{ 'foghorn-since': '20', 'foghorn-until': PAST }, [30, 20, 40]],
    [{ 'foghorn-since': '20.000000001', 'foghorn-until': PAST }, [30, 40]],
    [{ 'foghorn-since': '1970-01-01T00:00:30Z', 'foghorn-until': PAST }, [30, 40]],
    [{ 'foghorn-since': '1970-01-01T01:00:30.5+01:00', 'foghorn-until': PAST }, [40]],
    [{ 'foghorn-since': '-1', 'foghorn-until': '20' }, [10, 20]],
    [{ 'foghorn-since': '0', 'foghorn-until': '-1.5' }, []],
    // The first of several values counts.
    [{ 'foghorn-since': ['40', '10'], 'foghorn-until': PAST }, [40]],
  ];
  for (const [headers, expected] of CASES) {
    it(`${JSON.stringify(headers)} gets ${JSON.stringify(expected)}`, async () => {
      expect(await times(headers)).to.deep.equal(expected);
    });
  }

  it('resumes after a cursor', async () => {
    for (const [at, cursor] of cursors.entries()) {
      const headers = { 'foghorn-after': cursor, 'foghorn-until': PAST };
      expect(await times(headers)).to.deep.equal(TIMES.slice(at + 1));
    }
  });

  it('continues live after the missed events', async () => {
    const stream = client.subscribe([], { 'foghorn-after': cursors[2]! });
    await stream.when(({ length }) => length === 1);
    await client.forward(exitEnvelope(99));
    const all = await stream.when(({ length }) => length === 2);
    expect(all.map((bytes) => numberOf(Entry.decode(bytes)))).to.deep.equal([40, 99]);
    stream.cancel();
  });

  const REFUSED: readonly [Headers, string][] = [
    [
      { 'foghorn-after': 'x', 'foghorn-since': '1' },
      'give foghorn-after or foghorn-since, not both',
    ],
    [
      { 'foghorn-since': 'yesterday' },
      'foghorn-since: "yesterday" is not a time: expected RFC 3339 or unix seconds',
    ],
    [{ 'foghorn-since': '' }, 'foghorn-since: "" is not a time: expected RFC 3339 or unix seconds'],
    [
      { 'foghorn-until': '1.2.3' },
      'foghorn-until: "1.2.3" is not a time: expected RFC 3339 or unix seconds',
    ],
    [
      { 'foghorn-until': '2023-02-30T00:00:00Z' },
      'foghorn-until: "2023-02-30T00:00:00Z" is not a time: expected RFC 3339 or unix seconds',
    ],
    [
      { 'foghorn-after': 'x' },
      '"x" is not a cursor: expected the 26 characters that came with an entry',
    ],
  ];
  for (const [headers, text] of REFUSED) {
    it(`${JSON.stringify(headers)} is refused`, async () => {
      const { code, details } = await client.subscribe([], headers).status;
      expect(details).to.equal(text);
      expect(code).to.equal(3);
    });
  }
});
