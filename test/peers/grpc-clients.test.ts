import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { InteropServer } from '../support/interop-server.js';
import { Child } from '../support/processes/child.js';
import { frame } from '../support/raw-http2.js';
import { findInstalled } from './installed.js';

const INTEROP = new URL('python/interop.py', import.meta.url).pathname;
const EMPTY_CALL = 'http://localhost/grpc.testing.TestService/EmptyCall';
/** Debian's, which has the package python3-grpcio. */
const PYTHON = '/usr/bin/python3';

/** Cases of interop.py. */
const CASES = 18;

describe("other gRPC and HTTP/2 clients at Foghorn's gRPC server", () => {
  let server: InteropServer;
  let directory: string;
  let request: string;

  before(async () => {
    await findInstalled(['curl', 'h2load', 'nghttp']);
    directory = await mkdtemp(join(tmpdir(), 'foghorn-clients-'));
    request = join(directory, 'request');
    await writeFile(request, frame(new Uint8Array()));
    server = await InteropServer.start();
  });
  after(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  for (const transport of ['unix', 'tcp'] as const) {
    it(`python3-grpcio passes gRPC's interoperability cases over ${transport}`, async () => {
      const target = transport === 'unix' ? server.unix : server.tcp;
      const { stdout } = await new Child(PYTHON, [INTEROP, target]).succeeded();
      expect(stdout).to.have.lengthOf(CASES);
    });
  }

  it('curl gets the answer and the status in trailers', async () => {
    const headers = ['content-type: application/grpc', 'te: trailers'];
    const { stdout } = await new Child('curl', [
      ...['--silent', '--include', '--http2-prior-knowledge', '--output', '-'],
      ...headers.flatMap((header) => ['--header', header]),
      ...['--data-binary', `@${request}`, EMPTY_CALL.replace('localhost', server.tcp)],
    ]).succeeded();
    expect(stdout[0]).to.match(/^HTTP\/2 200/);
    expect(stdout).to.include('content-type: application/grpc');
    expect(stdout.join('\n')).to.contain('grpc-status: 0');
  });

  it('nghttp gets the answer and the status in trailers', async () => {
    const url = EMPTY_CALL.replace('localhost', server.tcp);
    const { stdout } = await new Child('nghttp', [
      ...['--verbose', '--null-out', '--data', request],
      ...['--header', 'content-type: application/grpc', '--header', 'te: trailers', url],
    ]).succeeded();
    expect(stdout.join('\n')).to.match(/grpc-status: 0/);
  });

  it('h2load gets an answer to each of ten thousand calls on each of ten connections', async () => {
    const { stdout } = await new Child('h2load', [
      ...['--requests', '100000', '--clients', '10', '--max-concurrent-streams', '100'],
      ...['--header', 'content-type: application/grpc', '--data', request],
      ...['-B', server.unix.replace('unix://', 'unix:'), EMPTY_CALL],
    ]).succeeded();
    const report = stdout.join('\n');
    expect(report).to.match(/ 100000 succeeded, 0 failed/);
    // Five bytes are an empty message.
    expect(report).to.match(/\(500000\) data/);
  });
});
