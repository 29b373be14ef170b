import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultAddress, defaultPeer, defaultStore, spoolDirectory } from '../../cli/defaults.js';

const PLACE = { home: '/home/u', directory: '/work', temp: '/tmp' };

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

  it('keep what is for one broker apart from what is for another', () => {
    const root = { ...PLACE, uid: 0, env: { XDG_STATE_HOME: '/y' } };
    const user = { ...root, uid: 7 };
    expect(spoolDirectory('unix:///run/f.sock', root)).to.equal(
      '/var/spool/foghorn/unix%3A%2F%2F%2Frun%2Ff.sock',
    );
    expect(spoolDirectory('[::1]:7877', user)).to.equal('/y/foghorn-spool/%5B%3A%3A1%5D%3A7877');
    const long = ['a', 'b'].map((end) => spoolDirectory(`${'x'.repeat(300)}${end}:1`, root));
    expect(new Set(long)).to.have.property('size', 2);
    for (const path of long) expect(path).to.match(/^\/var\/spool\/foghorn\/[^/]{1,255}$/);
  });

  it('do without XDG', () => {
    const user = { ...PLACE, uid: 7, env: {} };
    expect(defaultAddress(user)).to.equal('unix:///tmp/foghorn-7/foghorn.sock');
    expect(defaultStore(user)).to.equal('lmdb:/home/u/.local/state/foghorn');
  });

  describe('of a client', () => {
    let directory: string;
    let system: string;
    let own: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'foghorn-defaults-'));
      system = join(directory, 'system');
      own = join(directory, 'foghorn');
    });

    afterEach(() => rm(directory, { recursive: true }));

    function peer(uid = 7): string {
      const user = { ...PLACE, uid, env: { XDG_RUNTIME_DIR: directory } };
      return defaultPeer(user, system).replace(`unix://${directory}/`, '');
    }

    /** A file stands for a socket: both are written to. */
    async function listen(at: string): Promise<void> {
      await mkdir(at, { recursive: true });
      await writeFile(join(at, 'foghorn.sock'), '');
    }

    it("are the user's own socket where the system has no broker", () => {
      expect(peer()).to.equal('foghorn/foghorn.sock');
    });

    it("are the system's socket, if the user may use it, before the user's own", async () => {
      await listen(own);
      await listen(system);
      expect(peer()).to.equal('system/foghorn.sock');
    });

    it("are the system's socket while its broker restarts", async () => {
      await mkdir(system);
      expect(peer()).to.equal('system/foghorn.sock');
    });

    it("are the user's own broker where the system's does not listen", async () => {
      await listen(own);
      await mkdir(system);
      expect(peer()).to.equal('foghorn/foghorn.sock');
    });

    it("are the system's alone for root", async () => {
      await listen(own);
      expect(peer(0)).to.equal('unix:///run/foghorn/foghorn.sock');
    });
  });
});
