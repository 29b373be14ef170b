import { expect } from 'chai';
import { frameOf, FrameCache } from '../../../server/grpc/frames.js';
import type { Http2Stream } from '../../../server/http2/index.js';
import { frame } from '../../support/raw-http2.js';

/** Sizes around the limits of gathered writes, and of messages that are not copied. */
const SIZES = [0, 1, 5, 65_530, 65_531, 65_536, 262_139, 262_140, 262_144, 1_000_000, 3, 0, 7];

function messagesOf(sizes: readonly number[]): Buffer[] {
  return sizes.map((size, at) => Buffer.alloc(size, at + 1));
}

/** The bytes that a stream is given, one element for each write. */
function sent(cache: FrameCache, batches: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  const writes: Uint8Array[] = [];
  const stream = { sendData: (bytes: Uint8Array) => writes.push(bytes) > 0 };
  for (const batch of batches) cache.send(stream as unknown as Http2Stream, batch);
  return writes;
}

function expectFrames(writes: readonly Uint8Array[], messages: readonly Buffer[]): void {
  expect(Buffer.concat(writes).equals(Buffer.concat(messages.map(frame)))).to.equal(true);
}

describe('FrameCache', () => {
  it('sends each message with its prefix, in order', () => {
    const batches = [messagesOf(SIZES), [], messagesOf([2]), messagesOf(SIZES).reverse()];
    expectFrames(sent(new FrameCache(), batches), batches.flat());
  });

  it('gathers small messages in one write', () => {
    const writes = sent(new FrameCache(), [messagesOf(Array.from({ length: 1000 }, () => 200))]);
    expect(writes).to.have.lengthOf(1);
  });

  it('does not copy a large message', () => {
    const [large] = messagesOf([100_000]);
    expect(sent(new FrameCache(), [[large!]])).to.include(large);
  });

  it('joins the same messages once for all streams', () => {
    const cache = new FrameCache();
    const messages = messagesOf([10, 20]);
    const [one, other] = [sent(cache, [messages]), sent(cache, [[...messages]])];
    expect(one[0]).to.equal(other[0]);
  });

  it('distinguishes messages that recur, in another order, fewer or more', () => {
    const [a, b, c] = messagesOf([10, 10, 300_000]) as [Buffer, Buffer, Buffer];
    const batches = [[a, b], [a, b], [a], [a], [b, a], [a, b, a], [b], [c], [c], [c, a, b], [a, b]];
    expectFrames(sent(new FrameCache(), batches), batches.flat());
  });
});

describe('frameOf', () => {
  it('marks a compressed message', () => {
    expect(frameOf(Buffer.from('ab'), true).toString('hex')).to.equal('01000000026162');
  });
});
