import { expect } from 'chai';
import { defaultAddress, defaultStore } from '../../cli/defaults.js';

const PLACE = { home: '/home/u', temp: '/tmp' };

describe('defaults', () => {
  it("are the system's directories as root, whatever XDG says", () => {
    const root = { ...PLACE, uid: 0, env: { XDG_RUNTIME_DIR: '/x', XDG_STATE_HOME: '/y' } };
    expect(defaultAddress(root)).to.equal('unix:///run/foghorn/foghorn.sock');
    expect(defaultStore(root)).to.equal('lmdb:/var/lib/foghorn');
  });

  it("are the user's XDG directories otherwise", () => {
    const env = { XDG_RUNTIME_DIR: '/run/user/7', XDG_STATE_HOME: '/home/u/state' };
    const user = { ...PLACE, uid: 7, env };
    expect(defaultAddress(user)).to.equal('unix:///run/user/7/foghorn/foghorn.sock');
    expect(defaultStore(user)).to.equal('lmdb:/home/u/state/foghorn');
  });

  it('do without XDG', () => {
    const user = { ...PLACE, uid: 7, env: {} };
    expect(defaultAddress(user)).to.equal('unix:///tmp/foghorn-7/foghorn.sock');
    expect(defaultStore(user)).to.equal('lmdb:/home/u/.local/state/foghorn');
  });
});
