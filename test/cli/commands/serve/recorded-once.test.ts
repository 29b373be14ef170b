import { expect } from 'chai';
import { daemonsOf } from '../../../../cli/commands/serve/engine-flags.js';
import { parseEngineAddress } from '../../../../bridge/docker/engine-address.js';

describe('the daemons that a broker records', () => {
  it('are each recorded once, however often the flags name them', () => {
    const engine = parseEngineAddress('unix:///run/docker.sock');
    const record = ['docker=/run/docker.sock', 'docker=/run/other.sock', 'containerd=/run/c.sock'];
    const containerd = parseEngineAddress('/run/c.sock');
    const daemons = daemonsOf({ containerd, record: [...record, ...record] }, engine);
    expect(daemons.map(({ kind, address }) => `${kind} ${address.text}`)).to.deep.equal([
      'docker unix:///run/docker.sock',
      'containerd unix:///run/c.sock',
      'docker unix:///run/other.sock',
    ]);
  });
});
