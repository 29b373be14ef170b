import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../../../cli/program.js';
import { testTerminal } from '../../test-terminal.js';

describe('foghorn shim install', () => {
  let directory: string;
  let socket: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-'));
    // A name that a shell and a regular expression must not read as more than a name.
    socket = join(directory, "it's [a].sock$ttrpc");
    writeShim('runc');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  /** Writes a real shim that shows its arguments and where it would publish. */
  function writeShim(runtime: string): void {
    const path = join(directory, `containerd-shim-${runtime}-v2`);
    writeFileSync(path, `#!/bin/sh\necho ${runtime} "$TTRPC_ADDRESS" "$@"\n`);
    chmodSync(path, 0o755);
  }

  async function install(...args: string[]) {
    const terminal = testTerminal();
    const surroundings = { ...terminal.surroundings, env: { PATH: `${directory}:/usr/bin:/bin` } };
    const dir = join(directory, 'bin');
    const command = ['shim', 'install', '--dir', dir, '--ttrpc', `unix://${socket}`, ...args];
    const code = await run({ ...terminal, surroundings }, command);
    return { code, ...terminal.output };
  }

  function runWrapper(name: string): string {
    const env = { PATH: '/usr/bin:/bin', TTRPC_ADDRESS: '/containerd.ttrpc' };
    const wrapper = join(directory, 'bin', `containerd-shim-${name}-v2`);
    return execFileSync(wrapper, ['-id', 'a b', 'start'], { env, encoding: 'utf8' }).trim();
  }

  async function listen(path: string): Promise<Server> {
    const server = createServer().listen(path);
    await once(server, 'listening');
    return server;
  }

  it('writes a shim that publishes to the broker while it listens', async () => {
    const { code, stdout } = await install();
    expect(code).to.equal(0);
    expect(stdout).to.include('ctr run --runtime io.containerd.foghorn.v2 IMAGE NAME');
    expect(statSync(join(directory, 'bin', 'containerd-shim-foghorn-v2')).mode & 0o777).to.equal(
      0o755,
    );
    const server = await listen(socket);
    expect(runWrapper('foghorn')).to.equal(`runc ${socket} -id a b start`);
    server.close();
  });

  it('leaves the shim with containerd while no broker listens', async () => {
    await install();
    expect(runWrapper('foghorn')).to.equal('runc /containerd.ttrpc -id a b start');
    // A broker that was killed leaves the file of its socket.
    writeFileSync(socket, '');
    const other = await listen(`${socket}2`);
    expect(runWrapper('foghorn')).to.equal('runc /containerd.ttrpc -id a b start');
    other.close();
  });

  it('wraps any runtime under any name, its own too, and may be repeated', async () => {
    writeShim('kata');
    await install('--runtime', 'kata');
    expect(runWrapper('foghorn-kata')).to.match(/^kata /);
    for (let times = 0; times < 2; times++) {
      const { code } = await install('--name', 'runc');
      expect(code).to.equal(0);
      expect(runWrapper('runc')).to.match(/^runc /);
    }
  });

  it('refuses a runtime that is not installed', async () => {
    const { code, stderr } = await install('--runtime', 'runsc');
    expect(code).to.equal(1);
    expect(stderr).to.equal(
      'foghorn: cannot find containerd-shim-runsc-v2 in the PATH: install the runtime\n',
    );
    expect(existsSync(join(directory, 'bin'))).to.equal(false);
  });

  it('replaces no program of others', async () => {
    const { code, stderr } = await install('--dir', directory, '--runtime', 'sh', '--name', 'runc');
    expect(code).to.equal(1);
    expect(stderr).to.match(/cannot find containerd-shim-sh-v2/);
    writeShim('other');
    const replaced = await install('--dir', directory, '--runtime', 'other', '--name', 'runc');
    expect(replaced.code).to.equal(1);
    expect(replaced.stderr).to.include(
      'it is a program of its own; choose another --name or --dir',
    );
  });

  it('refuses names and addresses of another form as usage errors', async () => {
    for (const wrong of [
      ['--runtime', '../x'],
      ['--name', 'a.b'],
      ['--ttrpc', '127.0.0.1:1'],
    ]) {
      const { code, stderr } = await install(...wrong);
      expect(code).to.equal(2);
      expect(stderr).to.include('Expected');
    }
  });
});
