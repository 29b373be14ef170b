import { expect } from 'chai';
import { formatAddress, parseAddress, withSettings } from '../../../web/shell/address.js';

describe('the address of a view', () => {
  it('holds everything that is set, so that it can be shared', () => {
    const search = '?filter=topic%3D%3D%22%2Fa%22&since=2026-01-01T00%3A00%3A00Z';
    const address = parseAddress({ pathname: '/', search });
    expect(address.view).to.equal('now');
    expect(address.settings.get('filter')).to.equal('topic=="/a"');
    expect(formatAddress(address)).to.equal(`/${search}`);
  });

  it('loses a setting that is emptied', () => {
    const address = parseAddress({ pathname: '/containers', search: '?search=web&at=x' });
    expect(formatAddress(withSettings(address, { search: '', at: undefined }))).to.equal(
      '/containers',
    );
  });

  it('is that of the first view where the path is unknown', () => {
    expect(parseAddress({ pathname: '/nothing', search: '' }).view).to.equal('now');
  });
});
