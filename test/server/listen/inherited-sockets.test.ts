import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inheritedSockets } from '../../../server/listen/inherited-sockets.js';
import { builtMain } from '../../support/processes/build.js';
import { handOverSocket } from '../../support/processes/kept-socket.js';

/** Waits for a line, and becomes a broker that a service manager has given one socket. */
const MANAGER = 'read -r go; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"';
/** The beginning of an HTTP/2 connection, with empty settings. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');

describe('sockets of a service manager', () => {
  let directory: string;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-inherited-'));
  });

  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it('are ignored where they are for another process', async () => {
    const other = { LISTEN_PID: `${process.pid + 1}`, LISTEN_FDS: '1' };
    expect(await inheritedSockets(other, process.pid)).deep.equal(new Map());
    expect(await inheritedSockets({}, process.pid)).deep.equal(new Map());
  });

  it('let a connection wait that comes before the broker', async () => {
    const path = join(directory, 'a b.sock');
    const serve = ['serve', '--grpc', `unix://${path}`, '--http', 'none', '--store', 'memory:'];
    const command = [process.execPath, await builtMain(), ...serve];
    const manager = await handOverSocket(path, (fd) =>
      spawn('sh', ['-c', MANAGER, 'sh', ...command], { stdio: ['pipe', 'ignore', 'ignore', fd] }),
    );
    child = manager;
    const { ino } = statSync(path);

    const client = connect(path);
    client.write(PREFACE);
    await once(client, 'connect');
    manager.stdin?.end('go\n');
    const [settings] = (await once(client, 'data')) as [Buffer];

    expect(settings[3]).equal(4);
    client.destroy();
    expect(statSync(path)).include({ ino });
    expect(statSync(path).mode & 0o777).equal(0o660);
    manager.kill('SIGTERM');
    await once(manager, 'exit');
    // The next broker gets the same socket.
    expect(statSync(path)).include({ ino });
  });
});
