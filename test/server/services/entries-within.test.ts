import { expect } from 'chai';
import { Entry, OversizedEvent, ReadRequest } from '../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { forwardAll } from '../../support/history-seed.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const LIMIT = 20_000;
const LARGE = { typeUrl: 'x'.repeat(2000), value: Buffer.alloc(2 * LIMIT) };
const EARLIEST: ReadRequest['start'] = { $case: 'earliest', value: {} };

describe('a reader with a limit for entries', () => {
  let server: TestServer;
  let client: TestClient;

  before(async () => {
    server = await TestServer.start();
    client = server.client();
    const small = { typeUrl: 'test.Small', value: Buffer.alloc(LIMIT - 200) };
    await forwardAll(client, [
      exitEnvelope(1),
      exitEnvelope(2, { event: LARGE, topic: '/y'.repeat(LIMIT) }),
      exitEnvelope(3, { event: small }),
    ]);
  });
  after(() => server.stop());

  /** Checks that the second of three entries is a stub, and the others are whole. */
  function expectStub(limited: readonly Entry[], whole: readonly Entry[]): void {
    const [first, stub, last] = limited;
    expect([first, last]).to.deep.equal([whole[0], whole[2]]);
    const { event, topic, ...rest } = stub!;
    const { timestamp, namespace, cursor } = whole[1]!;
    const absent = { dockerEvent: undefined, trace: undefined };
    expect(rest).to.deep.equal({ timestamp, namespace, cursor, ...absent });
    expect(topic).to.equal(`${'/y'.repeat(512)}…`);
    expect(event!.typeUrl).to.equal('foghorn.v1.OversizedEvent');
    const { entryBytes, typeUrl } = OversizedEvent.decode(event!.value);
    expect(Number(entryBytes)).to.be.within(4 * LIMIT, 4 * LIMIT + 3000);
    expect(typeUrl).to.equal(`${'x'.repeat(1024)}…`);
  }

  async function read(request: Partial<ReadRequest>): Promise<Entry[]> {
    const stopping = { ...request, start: EARLIEST, stopWhenCaughtUp: true };
    const responses = await client.read(stopping).toEnd();
    return responses.flatMap(({ message }) =>
      message?.$case === 'entries' ? message.value.entries : [],
    );
  }

  for (const dockerView of [false, true]) {
    it(`gets a stub from Read ${dockerView ? 'with' : 'without'} a Docker view`, async () => {
      const limited = await read({ dockerView, maxEntryBytes: BigInt(LIMIT) });
      expectStub(limited, await read({ dockerView }));
    });
  }

  it('gets a stub from Subscribe, of the past and live', async () => {
    const past = { 'foghorn-until': '1970-01-01T00:01:00Z' };
    const decode = (all: readonly Buffer[]): Entry[] => all.map((bytes) => Entry.decode(bytes));
    const whole = decode(await client.subscribe([], past).toEnd());
    const limit = { 'foghorn-max-bytes': `${LIMIT}` };
    expectStub(decode(await client.subscribe([], { ...past, ...limit }).toEnd()), whole);
    const live = client.subscribe([], { ...limit, 'foghorn-after': whole[2]!.cursor });
    await client.forward(exitEnvelope(99, { event: LARGE }));
    const [stub] = decode(await live.when(({ length }) => length === 1));
    expect(stub!.event!.typeUrl).to.equal('foghorn.v1.OversizedEvent');
    live.cancel();
  });

  it('is refused a limit that is too small, or none', async () => {
    for (const text of ['16383', '0', '-1', '4MiB', '', '1e9']) {
      const { code, details } = await client.subscribe([], { 'foghorn-max-bytes': text }).status;
      const expected = 'foghorn-max-bytes: expected a number of bytes of at least 16384';
      expect({ code, details }).to.deep.equal({ code: 3, details: expected });
    }
    const { code } = await client.read({ maxEntryBytes: 1n, start: EARLIEST }).status;
    expect(code).to.equal(3);
  });
});
