import { pino } from 'pino';
import { KEEP_ALL } from '../../test/support/broker-over-store.js';
import { within } from '../../test/support/http2/frame-client.js';
import { TestServer } from '../../test/support/test-server.js';
import { makeCall } from './grpc-requests.js';
import type { Target } from './target.js';

/** So few that the history is full after the first round, and does not look like a leak. */
const KEPT_ENTRIES = 100;

/** Starts a broker with all its services, whose errors in the log are violations. */
export async function startBroker(): Promise<Target> {
  const violations: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => violations.push(line) });
  const retention = { ...KEEP_ALL, entries: KEPT_ENTRIES, lastingBytes: 1 };
  const server = await TestServer.start({ retention }, {}, log);
  const client = server.client();
  return {
    path: server.socketPath,
    makeRequest: makeCall,
    violations,
    async askBystander() {
      await client.publish('/bystander', undefined);
    },
    async untilIdle() {
      let subscriptions = Infinity;
      const ask = async (): Promise<void> => {
        while (subscriptions > 0) subscriptions = (await client.describe()).subscriptionCount;
      };
      await Promise.race([ask(), within(() => subscriptions === 0)]);
    },
    stop: () => server.stop(),
  };
}
