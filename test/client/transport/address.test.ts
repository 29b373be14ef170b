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
    for (const text of ['/run/f.sock', 'unix:/run/f.sock']) {
      expect(parseAddress(text).target).to.equal('unix:///run/f.sock');
    }
    expect(parseAddress('tcp://h:1').target).to.equal('dns:h:1');
    expect(parseAddress('[::1]:7877').target).to.equal('dns:[::1]:7877');
  });

  it('refuses a socket path that the system would cut', () => {
    expect(parseAddress(`/${'x'.repeat(106)}`).local).to.equal(true);
    expect(() => parseAddress(`/${'x'.repeat(107)}`)).to.throw('108 bytes: expected at most 107');
  });

  for (const text of ['', 'foo', 'unix:///', 'a:b', 'h:70000', '::1:80']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseAddress(text))
        .to.throw(`address ${JSON.stringify(text)}: expected unix:///path or host:port`)
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }
});
