import { expect } from 'chai';
import { scannerOf } from '../../../../server/http/engine/body-scanner.js';

const CHUNKED = { kind: 'chunked' } as const;

/** How many bytes of each piece belong to a chunked body. */
function scanned(pieces: readonly string[]): number[] {
  const scanner = scannerOf(CHUNKED);
  return pieces.map((piece) => scanner.scan(Buffer.from(piece, 'latin1')));
}

describe('the end of a chunked body', () => {
  const BODIES = {
    plain: '3\r\nabc\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n',
    'with capital and small digits': 'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n',
    'with leading zeros': '0000003\r\nabc\r\n000000000003\r\nabc\r\n000\r\n\r\n',
    'with extensions and trailers': '3;name="v"\r\nabc\r\n3 \r\nabc\r\n0;last\r\nX-Sum: 1\r\n\r\n',
  };

  for (const [name, body] of Object.entries(BODIES)) {
    it(`is found ${name}, wherever the body is divided among reads`, () => {
      const next = 'GET / HTTP/1.1\r\n';
      expect(scanned([body + next])).to.deep.equal([body.length]);
      for (let at = 1; at < body.length; at++) {
        const pieces = [body.slice(0, at), body.slice(at) + next];
        expect(scanned(pieces), `divided at ${at}`).to.deep.equal([at, body.length - at]);
      }
      expect(scanned(Array.from(body)).every((count) => count === 1)).to.equal(true);
    });
  }

  it('comes after a chunk whose size has more than 31 bits', () => {
    const scanner = scannerOf(CHUNKED);
    const data = Buffer.alloc(1024 * 1024);
    expect(scanner.scan(Buffer.from('100000000\r\n'))).to.equal(11);
    for (let count = 0; count < 2 ** 32; count += data.length)
      if (scanner.scan(data) !== data.length) expect.fail(`ended after ${count} bytes`);
    expect(scanner.scan(Buffer.from('\r\n0\r\n\r\nGET'))).to.equal(7);
    expect(scanner.isComplete).to.equal(true);
  });

  for (const line of ['', '\n', '\r', 'g', '-1', '+1', '0x1', ' 1', '1\n', '1\r1', '1 1', '1\0']) {
    it(`is not searched for after ${JSON.stringify(line)} as a size`, () => {
      expect(() => scanned([`${line}\r\nabc\r\n0\r\n\r\n`])).to.throw('malformed chunked body');
    });
  }

  for (const end of ['', '\n', 'x\r\n', '\r\r\n', 'xx']) {
    it(`is not searched for when ${JSON.stringify(end)} follows a chunk's data`, () => {
      expect(() => scanned([`3\r\nabc${end}1\r\na\r\n0\r\n\r\n`])).to.throw('malformed');
    });
  }
});
