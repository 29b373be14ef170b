import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppendRequest, AppendResponse } from '../../../../protos/gen/foghorn/v1/history.js';
import { appendedOffsets, forwarding } from '../../../support/append-probe.js';
import { exitEnvelope } from '../../../support/envelopes.js';
import { eventually } from '../../../support/eventually.js';
import { forwardAll, range } from '../../../support/history-seed.js';
import { frame, FrameReader, RawConnection } from '../../../support/raw-http2.js';
import { TestServer } from '../../../support/test-server.js';

const APPEND = '/foghorn.v1.History/Append';

describe('a publisher that takes no answers', () => {
  let directory: string;
  let server: TestServer;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-append-'));
    server = await TestServer.start({ store: `lmdb:${directory}` });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it('is not read from, and gets them all once it reads', async () => {
    const [MESSAGES, EVENTS] = [5000, 20];
    const connection = new RawConnection(server.address);
    const stream = connection.open(APPEND);
    for (let at = 0; at < MESSAGES; at++) {
      const numbers = range(at * EVENTS + 1, at * EVENTS + EVENTS);
      const events = numbers.map((n) => forwarding(exitEnvelope(n)));
      stream.write(frame(AppendRequest.encode({ events }).finish()));
    }
    stream.end();
    const client = server.client();
    let last = -1n;
    let unchanged = 0;
    await eventually(async () => {
      const { entryCount } = await client.describe();
      unchanged = entryCount === last ? unchanged + 1 : 0;
      last = entryCount;
      return unchanged === 50;
    });
    // 256 messages under way, and as many as there are answers in the buffers up to the connection.
    expect(Number(last)).to.be.within(1, 600 * EVENTS);
    const others = range(1, 100).map((n) => exitEnvelope(n, { namespace: 'other' }));
    await forwardAll(client, others);

    const frames = new FrameReader();
    const offsets: number[] = [];
    for await (const chunk of stream) {
      for (const message of frames.push(chunk as Buffer)) {
        offsets.push(...appendedOffsets(AppendResponse.decode(message)));
      }
    }
    expect(offsets).to.have.lengthOf(MESSAGES * EVENTS);
    expect(offsets).to.deep.equal(offsets.toSorted((a, b) => a - b));
    expect(new Set(offsets).size).to.equal(offsets.length);
    connection.kill();
  });
});
