import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FoghornError, type ErrorCode } from '../../../protocol/errors.js';
import { TestServer } from '../../support/test-server.js';

describe('listening', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-listen-'));
    path = join(directory, 's.sock');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  async function refusal(address: string): Promise<FoghornError> {
    try {
      await (await TestServer.start({ grpc: [address] })).stop();
    } catch (error) {
      expect(error).to.be.instanceOf(FoghornError);
      return error as FoghornError;
    }
    return expect.fail(`${address} was taken`);
  }

  async function expectServed(address: string, at = address): Promise<void> {
    const server = await TestServer.start({ grpc: [address] });
    expect((await server.client(at).describe()).entryCount).to.equal(0n);
    await server.stop();
  }

  it('on a socket lets owner and group connect, and removes it when it stops', async () => {
    const server = await TestServer.start({ grpc: [`unix://${path}`] });
    expect(server.addresses).to.deep.equal([`unix://${path}`]);
    expect(statSync(path).mode & 0o777).to.equal(0o660);
    await server.stop();
    expect(existsSync(path)).to.equal(false);
  });

  it('makes the directories of a socket', () => expectServed(`unix://${directory}/a/b/s.sock`));

  it('accepts unix:/path', () => expectServed(`unix:${path}`, `unix://${path}`));

  it('replaces a socket that a dead process left', async () => {
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(existsSync(path)).to.equal(true);
    await expectServed(`unix://${path}`);
  });

  it('refuses a socket on which another process listens, and leaves it alone', async () => {
    const server = await TestServer.start({ grpc: [`unix://${path}`] });
    const { code, message } = await refusal(`unix://${path}`);
    expect(code).to.equal('FAILED_PRECONDITION');
    expect(message).to.equal(
      `cannot listen on unix://${path}: another process listens there; stop it first`,
    );
    expect((await server.client().describe()).entryCount).to.equal(0n);
    await server.stop();
  });

  it('refuses to replace a file that is not a socket', async () => {
    writeFileSync(path, 'precious');
    expect(await refusal(`unix://${path}`)).to.include({ code: 'FAILED_PRECONDITION' });
    symlinkSync(path, `${path}.link`);
    expect(await refusal(`unix://${path}.link`)).to.include({ code: 'FAILED_PRECONDITION' });
    expect(statSync(path).size).to.equal(8);
  });

  it('refuses a port in use', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, message } = await refusal(`127.0.0.1:${port}`);
    expect(code).to.equal('FAILED_PRECONDITION');
    expect(message).to.match(/^cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
    other.close();
  });

  it('frees earlier addresses when a later one is refused', async () => {
    const grpc = [`unix://${path}`, 'nonsense'];
    let error: unknown;
    await TestServer.start({ grpc }).catch((reason: unknown) => (error = reason));
    expect(error).to.be.instanceOf(FoghornError);
    expect(existsSync(path)).to.equal(false);
    await expectServed(`unix://${path}`);
  });

  it('resolves with the real port', async () => {
    const server = await TestServer.start({ grpc: ['127.0.0.1:0', 'localhost:0', '[::1]:0'] });
    for (const address of server.addresses) {
      expect(address).to.match(/^(127\.0\.0\.1|localhost|\[::1\]):[1-9]\d+$/);
      expect((await server.client(address).describe()).entryCount).to.equal(0n);
    }
    await server.stop();
  });

  const BAD: readonly [string, ErrorCode][] = [
    ['', 'INVALID_ARGUMENT'],
    ['nonsense', 'INVALID_ARGUMENT'],
    ['unix:', 'INVALID_ARGUMENT'],
    ['unix://', 'INVALID_ARGUMENT'],
    ['unix://relative.sock', 'INVALID_ARGUMENT'],
    ['unix:relative.sock', 'INVALID_ARGUMENT'],
    ['http://127.0.0.1:1234/', 'INVALID_ARGUMENT'],
    [':50051', 'INVALID_ARGUMENT'],
    ['127.0.0.1', 'INVALID_ARGUMENT'],
    ['127.0.0.1:', 'INVALID_ARGUMENT'],
    ['127.0.0.1:http', 'INVALID_ARGUMENT'],
    ['127.0.0.1:65536', 'INVALID_ARGUMENT'],
    ['127.0.0.1:99999', 'INVALID_ARGUMENT'],
    ['127.0.0.1:123456', 'INVALID_ARGUMENT'],
    ['no-such-host.invalid:1234', 'FAILED_PRECONDITION'],
    ['192.0.2.1:1234', 'FAILED_PRECONDITION'],
    ['unix:///etc/passwd/s.sock', 'FAILED_PRECONDITION'],
    ['unix:///tmp', 'FAILED_PRECONDITION'],
  ];
  for (const [address, code] of BAD) {
    it(`refuses ${JSON.stringify(address)}`, async () => {
      const error = await refusal(address);
      expect(error.message).to.match(/^cannot listen on /);
      expect(error.code).to.equal(code);
    });
  }

  it('refuses a socket path that the system would cut off', async () => {
    const { code, message } = await refusal(`unix://${directory}/${'x'.repeat(120)}.sock`);
    expect(code).to.equal('INVALID_ARGUMENT');
    expect(message).to.contain('at most 107 bytes');
  });

  it('works in a directory that only its owner may enter', async () => {
    chmodSync(directory, 0o700);
    await expectServed(`unix://${path}`);
  });
});
