import { expect } from 'chai';
import { parseAddress } from '../../../client/transport/address.js';

describe('parseAddress', () => {
  it('parses sockets and host:port', () => {
    expect(parseAddress('unix:///run/f.sock')).to.deep.equal({
      target: 'unix:///run/f.sock',
      local: true,
    });
    expect(parseAddress('localhost:7877')).to.deep.equal({
      target: 'dns:localhost:7877',
      local: false,
    });
    expect(parseAddress('[::1]:7877').target).to.equal('dns:[::1]:7877');
  });

  for (const text of [
    '',
    'foo',
    '/run/f.sock',
    'unix:/x',
    'unix:///',
    'a:b',
    'h:70000',
    '::1:80',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseAddress(text))
        .to.throw(`address ${JSON.stringify(text)}: expected unix:///path or host:port`)
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }
});
