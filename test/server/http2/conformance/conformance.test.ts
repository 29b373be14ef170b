import { FrameClient } from '../../../support/http2/frame-client.js';
import { ALL_CASES } from './all-cases.js';
import { Responder } from './responder.js';

for (const [rfc, cases] of Object.entries(ALL_CASES)) {
  describe(`HTTP/2 server, ${rfc}`, () => {
    for (const one of cases) {
      it(`§${one.section} ${one.title}`, async () => {
        const server = await Responder.start(one.options);
        const { path } = server.running;
        const client = await (one.connects?.(path) ?? FrameClient.open(path));
        try {
          await one.run(client, server);
        } finally {
          client.close();
          await server.running.stop();
        }
      });
    }
  });
}
