import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { exitEnvelope, exitEvent } from '../../support/envelopes.js';
import { expectRefusal } from '../../support/refusal.js';
import { offsetsOf } from '../../support/responses.js';
import type { StreamProbe } from '../../support/stream-probe.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const { LengthDelimited } = WireType;
const MEBIBYTE = 1024 * 1024;
/** Bytes of the largest accepted envelope: with its cursor, it fits into a message of 16 MiB. */
const LARGEST = 16 * MEBIBYTE - 64;

/** An envelope of a given encoded size. */
function envelopeOf(bytes: number): Envelope {
  const typeUrl = 'example.com/large.Event';
  const make = (size: number) => exitEnvelope(1, { event: { typeUrl, value: Buffer.alloc(size) } });
  const overhead = Envelope.encode(make(bytes - 1000)).finish().length - (bytes - 1000);
  return make(bytes - overhead);
}

/** A ForwardRequest whose envelope has these bytes as its event. */
function forwardOf(event: Uint8Array): Uint8Array {
  const envelope = Envelope.encode(exitEnvelope(1, { event: undefined }));
  const bytes = envelope.tag(4, LengthDelimited).bytes(event).finish();
  return new BinaryWriter().tag(1, LengthDelimited).bytes(bytes).finish();
}

const MALFORMED: Readonly<Record<string, Uint8Array>> = {
  'no message at all': Buffer.from('ffffffff', 'hex'),
  'a field that ends too early': Buffer.from('0a7f01', 'hex'),
  'an event that is no Any': forwardOf(Buffer.from('ffffffff', 'hex')),
  'an event that ends too early': forwardOf(Buffer.from('0a0561', 'hex')),
  'an event whose type is no UTF-8': forwardOf(Buffer.from('0a02c328', 'hex')),
};

describe('an invalid request', () => {
  let server: TestServer;
  let client: TestClient;
  let bystander: StreamProbe<Buffer>;

  beforeEach(async () => {
    server = await TestServer.start();
    client = server.client();
    bystander = server.client().subscribe();
    await bystander.headers;
  });
  afterEach(() => server.stop());

  /** Checks that this connection and others still work. */
  async function expectUndisturbed(): Promise<void> {
    await client.publish('/after', exitEvent(1));
    await bystander.when(({ length }) => length === 1);
  }

  for (const [name, request] of Object.entries(MALFORMED)) {
    it(`${name}: fails without effect on other calls`, async () => {
      await expectRefusal(client.forwardBytes(request), 13);
      await expectUndisturbed();
    });
  }

  it('17 MiB: fails without effect on other calls', async () => {
    const large = client.forward(envelopeOf(17 * MEBIBYTE));
    const small = client.publish('/meanwhile', undefined);
    await expectRefusal(large, 8);
    await small;
    await bystander.when(({ length }) => length === 1);
    bystander.messages.length = 0;
    await expectUndisturbed();
  });

  it('one byte more than can be delivered: fails without effect on other calls', async () => {
    const text = await expectRefusal(client.forward(envelopeOf(LARGEST + 1)), 3);
    expect(text).to.equal(
      `event too large: its envelope has ${LARGEST + 1} bytes, the limit is ${LARGEST}`,
    );
    await expectUndisturbed();
  });

  it('the largest accepted envelope reaches readers with a limit of 16 MiB', async () => {
    const read = client.read({ start: { $case: 'earliest', value: {} }, limit: 1n });
    await client.forward(envelopeOf(LARGEST));
    const [delivered] = await bystander.when(({ length }) => length === 1);
    expect(delivered!.length).to.equal(LARGEST + 30);
    expect(offsetsOf(await read.toEnd())).to.deep.equal([1]);
    const replay = await client.subscribe([], { 'foghorn-until': '100' }).toEnd();
    expect(replay).to.have.lengthOf(1);
  });

  it('an unknown method or service is refused', async () => {
    for (const path of ['/containerd.services.events.v1.Events/Nothing', '/no.Service/Call']) {
      await expectRefusal(client.call(path, new Uint8Array()), 12);
    }
    await expectUndisturbed();
  });

  it('a filter beyond the limits is refused', async () => {
    const filters = Array.from({ length: 65 }, () => 'topic');
    const { code, details } = await client.subscribe(filters).status;
    expect(code).to.equal(3);
    expect(details).to.contain('65 filters in one subscription, the limit is 64');
    await expectUndisturbed();
  });

  it('an error text longer than a header is cut', async () => {
    const { code, details } = await client.subscribe([`topic==${'😀'.repeat(15_000)}`, '=']).status;
    expect(code).to.equal(3);
    expect(details).to.contain('filters: parse error');
    const long = await client.subscribe([`x y${'😀'.repeat(15_000)}`]).status;
    expect(long.code).to.equal(3);
    expect(long.details).to.have.lengthOf.at.most(4200);
    expect(long.details).to.match(/^subscription error: .*…$/su);
  });

  const CONTAINERS = {
    'without a namespace': { namespace: '', containerId: 'c1' },
    'without an id': { namespace: 'default', containerId: '' },
    'with a NUL in its id': { namespace: 'default', containerId: 'a\0b' },
    'with an id of 256 bytes': { namespace: 'default', containerId: 'é'.repeat(128) },
  };
  for (const [name, container] of Object.entries(CONTAINERS)) {
    it(`a container ${name} is refused`, async () => {
      const { code, details } = await client.read({ container }).status;
      expect(code).to.equal(3);
      expect(details).to.match(/^container: /);
    });
  }
});
