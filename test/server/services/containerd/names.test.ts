import { expectRefusal } from '../../../support/refusal.js';
import { exitEnvelope, exitEvent } from '../../../support/envelopes.js';
import type { TestClient } from '../../../support/test-client.js';
import { TestServer } from '../../../support/test-server.js';
import { vectors } from '../../../support/vectors.js';

interface NameCase {
  readonly valid: boolean;
  readonly code?: number;
  readonly errorMessage?: string;
}
const topics = (vectors('topics') as { cases: (NameCase & { topic: string })[] }).cases;
const identifiers = (vectors('identifiers') as { cases: (NameCase & { input: string })[] }).cases;

function title(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

/** Values that HTTP/2 carries unchanged: printable ASCII without blanks around it. */
function fitsInHeader(value: string): boolean {
  return /^[!-~](?:[ -~]*[!-~])?$/.test(value);
}

describe('names over the wire', () => {
  let server: TestServer;
  let client: TestClient;

  before(async () => {
    server = await TestServer.start();
    client = server.client();
  });
  after(() => server.stop());

  async function check(call: Promise<void>, { valid, code, errorMessage }: NameCase, prefix = '') {
    if (valid) await call;
    else await expectRefusal(call, code!, prefix + errorMessage!);
  }

  for (const each of topics) {
    const verdict = each.valid ? 'accepts' : 'refuses';

    it(`Publish ${verdict} topic ${title(each.topic)}`, () =>
      check(client.publish(each.topic, exitEvent(1)), each));

    it(`Forward ${verdict} topic ${title(each.topic)}`, () =>
      check(client.forward(exitEnvelope(1, { topic: each.topic })), each));
  }

  for (const each of identifiers) {
    it(`Forward ${each.valid ? 'accepts' : 'refuses'} namespace ${title(each.input)}`, () =>
      check(
        client.forward(exitEnvelope(1, { namespace: each.input })),
        each,
        'event envelope has invalid namespace: ',
      ));
  }

  for (const each of identifiers.filter(({ input }) => fitsInHeader(input))) {
    it(`Publish ${each.valid ? 'accepts' : 'refuses'} namespace ${title(each.input)}`, () =>
      check(
        client.publish('/test', exitEvent(1), { 'containerd-namespace': each.input }),
        each,
        'failed publishing event: namespace validation: ',
      ));
  }
});
