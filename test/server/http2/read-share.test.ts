import { expect } from 'chai';
import { OK } from '../../support/http2/responders.js';
import { FrameClient, within } from '../../support/http2/frame-client.js';
import { frame, TYPE, WHOLE } from '../../support/http2/frames.js';
import { requestBlock } from '../../support/http2/hpack.js';
import { RunningServer } from '../../support/http2/running-server.js';

const REQUESTS = 20_000;
/** Twice what is read at once: a read that is under way when the share is used up is kept. */
const MAX_BYTES = 2 * 64 * 1024;

describe('an HTTP/2 connection that always has more to read', () => {
  it('leaves others a turn after each 64 KiB', async () => {
    const block = requestBlock(`/${'x'.repeat(40)}`);
    const requestBytes = frame(TYPE.HEADERS, WHOLE, 1, block).length;
    let count = 0;
    let inIteration = 0;
    let most = 0;
    const server = await RunningServer.start((stream) => {
      if (inIteration === 0) {
        setImmediate(() => {
          inIteration = 0;
        });
      }
      count += 1;
      inIteration += 1;
      most = Math.max(most, inIteration);
      stream.sendHeaders(OK, true);
    });
    const client = await FrameClient.open(server.path);
    const requests = Array.from({ length: REQUESTS }, (_, at) =>
      frame(TYPE.HEADERS, WHOLE, 1 + 2 * at, block),
    );
    client.send(...requests);
    await within(() => count === REQUESTS);
    client.socket.destroy();
    await server.stop();
    expect(most * requestBytes).to.be.at.most(MAX_BYTES);
  });
});
