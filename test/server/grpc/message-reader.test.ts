import { expect } from 'chai';
import fc from 'fast-check';
import { FoghornError } from '../../../protocol/errors.js';
import { MAX_MESSAGE_BYTES } from '../../../protocol/limits.js';
import { MessageReader, type ByteLedger } from '../../../server/grpc/message-reader.js';
import { frame } from '../../support/raw-http2.js';

/** Counts the bytes of a stream that its reader accounts for. */
class Ledger implements ByteLedger {
  consumed = 0;
  kept = 0;

  consume(bytes: number): void {
    this.consumed += bytes;
  }

  keep(bytes: number): void {
    this.consumed += bytes;
    this.kept += bytes;
  }

  release(bytes: number): void {
    this.kept -= bytes;
  }
}

function messagesIn(reader: MessageReader): Buffer[] {
  const messages: Buffer[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) messages.push(next);
  return messages;
}

describe('MessageReader', () => {
  it('finds the messages in any pieces, and accounts for every byte', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 });
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(messages, cuts, fc.nat(6), (sent, sizes, torn) => {
        const whole = Buffer.concat(sent.map(frame));
        const bytes = Buffer.concat([whole, frame(new Uint8Array(9)).subarray(0, torn)]);
        const ledger = new Ledger();
        const reader = new MessageReader(ledger);
        const got: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const end = at + sizes[turn % sizes.length]!;
          reader.push(bytes.subarray(at, end));
          got.push(...messagesIn(reader));
          at = end;
        }
        expect(got.map(String)).to.deep.equal(sent.map((each) => String(Buffer.from(each))));
        expect(reader.isWithinMessage).to.equal(torn > 0);
        expect(ledger).to.include({ consumed: bytes.length, kept: Math.max(0, torn - 5) });
        reader.discard();
        expect(ledger.kept).to.equal(0);
      }),
    );
  });

  it('does not look at bytes after the message that was asked for', () => {
    const ledger = new Ledger();
    const reader = new MessageReader(ledger);
    const bytes = Buffer.concat([frame(Buffer.from('abc')), frame(Buffer.from('de'))]);
    reader.push(bytes);
    expect(String(reader.next())).to.equal('abc');
    expect(ledger.consumed).to.equal(8);
    reader.discard();
    expect(ledger.consumed).to.equal(bytes.length);
    expect(reader.next()).to.equal(undefined);
  });

  it('does not copy a message that arrives in one piece', () => {
    const bytes = frame(Buffer.from('abc'));
    const reader = new MessageReader(new Ledger());
    reader.push(bytes);
    const message = reader.next()!;
    expect(message.buffer).to.equal(bytes.buffer);
    expect(String(message)).to.equal('abc');
  });

  it('accepts the largest message, and refuses a larger one by its prefix', () => {
    const largest = frame(new Uint8Array(MAX_MESSAGE_BYTES));
    const reader = new MessageReader(new Ledger());
    reader.push(largest.subarray(0, 1000));
    expect(reader.next()).to.equal(undefined);
    reader.push(largest.subarray(1000));
    expect(reader.next()).to.have.lengthOf(MAX_MESSAGE_BYTES);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(MAX_MESSAGE_BYTES + 1, 1);
    reader.push(prefix);
    expect(() => reader.next())
      .to.throw(FoghornError, 'grpc: received message larger than max (16777217 vs. 16777216)')
      .with.property('code', 'RESOURCE_EXHAUSTED');
  });

  it('says of each message whether it is compressed', () => {
    const reader = new MessageReader(new Ledger());
    reader.push(Buffer.from('0100000000000000000001', 'hex'));
    expect([reader.next(), reader.isCompressed]).to.deep.equal([Buffer.alloc(0), true]);
    expect([reader.next(), reader.isCompressed]).to.deep.equal([Buffer.alloc(0), false]);
  });
});
