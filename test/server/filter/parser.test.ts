import { expect } from 'chai';

import { FilterError, Operator, parseFilter, type Selector } from '../../../server/filter/index.js';
import { casesOf } from './cases.js';

/** A selector in the form of the case file. */
function described(selector: Selector) {
  const { operator: op, path: fieldpath } = selector;
  if (selector.operator === Operator.present) return { fieldpath, op };
  if (selector.operator === Operator.matches || selector.value !== undefined) {
    return { fieldpath, op, value: selector.value };
  }
  return { fieldpath, op, value_hex: Buffer.from(selector.bytes!).toString('hex') };
}

function rejection(source: string | Uint8Array): FilterError {
  try {
    parseFilter(source);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error('expected the filter to be rejected');
}

describe('filter parser', () => {
  for (const { name, filter, filter_hex: hex, error, errorMessage, selectors } of casesOf(
    'parse',
  )) {
    const source = hex === undefined ? filter! : Buffer.from(hex, 'hex');
    it(name, () => {
      if (error) expect(rejection(source).message).to.equal(errorMessage);
      else expect(parseFilter(source).selectors.map(described)).to.deep.equal(selectors);
    });
  }

  it('names the byte offset of the fault', () => {
    expect(rejection('é==b').offset).to.equal(0);
    expect(rejection('a=="é" b').offset).to.equal(7);
    expect(rejection('a==').offset).to.equal(3);
  });

  it('shows each byte of a truncated character as one replacement character', () => {
    const message = rejection(Buffer.from([0x61, 0xf0, 0x9f, 0x98])).message;
    expect(message).to.equal('filters: parse error: [a >|\uFFFD|< \uFFFD\uFFFD]: rune error');
  });

  it('treats a literal U+FFFD as malformed input', () => {
    const message = rejection('a\uFFFD').message;
    expect(message).to.equal('filters: parse error: [a >|\uFFFD|< \uFFFD\uFFFD]: rune error');
  });

  it('reports an escape beyond Unicode at the start of its literal', () => {
    const message = rejection('a=="\\U00110000"').message;
    expect(message).to.contain('[a== >|"|< \\U00110000"]: unquoting failed: quote syntax error');
  });

  it('rejects blanks but accepts the empty filter', () => {
    expect(rejection('  ').message).to.contain('[  ]: expected field or quoted');
    expect(parseFilter('').selectors).to.be.empty;
  });
});
