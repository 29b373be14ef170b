import { expect } from 'chai';
import { credentials, status } from '@grpc/grpc-js';
import { writeFileSync } from 'node:fs';
import { eventually } from '../support/eventually.js';
import { Authority, type CertificateFiles } from '../support/access/authority.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { expectRefusal } from '../support/refusal.js';
import { TestClient } from '../support/test-client.js';
import { FrontedEngine } from './fronted-engine.js';

const PYTHON_CALLS = new URL('python/mutual_tls.py', import.meta.url).pathname;
/** Debian's, which has the package python3-grpcio. */
const PYTHON = '/usr/bin/python3';
const ACCESS = `
roles:
  all: { publish: ['*'], read: ['*'], engine: ['*'], admin: ['*'] }
  looker: { read: [moby] }
grants: [{ role: all, to: [alice] }, { role: looker, to: [bob] }]
`;
const BOX = ['--network', 'none'];
const shell = (script: string): string[] => ['busybox:latest', '/bin/sh', '-c', script];

describe('clients with certificates', () => {
  const cleanup = new Cleanup();
  const authority = new Authority();
  const foreign = new Authority();
  const server = authority.server();
  const alice = authority.client('alice');
  const bob = authority.client('bob');
  const stranger = foreign.client('alice');
  let engine: FrontedEngine;
  let grpc: string;
  let docker: string;
  let http: string;

  before(async () => {
    const access = authority.path('access.yaml');
    writeFileSync(access, ACCESS);
    engine = await FrontedEngine.start(cleanup, {
      dockerd: [
        ...['--host', 'tcp://127.0.0.1:0', '--tlsverify', '--tlscacert', authority.ca],
        ...['--tlscert', server.cert, '--tlskey', server.key],
      ],
      broker: [
        ...['--grpc', '127.0.0.1:0', '--docker', '127.0.0.1:0', '--http', '127.0.0.1:0'],
        ...['--tls-cert', server.cert, '--tls-key', server.key, '--tls-client-ca', authority.ca],
        ...['--access', access],
      ],
    });
    [grpc = '', docker = '', http = ''] = engine.tcpAddresses;
  });

  after(async () => {
    await cleanup.run();
    authority.remove();
    foreign.remove();
  });

  /** How a docker command over TLS ends and what it shows. */
  async function shown(
    address: string,
    files: CertificateFiles,
    args: readonly string[],
    input = '',
  ): Promise<{ code: number | null; stdout: string[]; stderr: string[] }> {
    const child = new Child(
      'docker',
      [
        ...['--host', `tcp://${address}`, '--tlsverify', '--tlscacert', authority.ca],
        ...['--tlscert', files.cert, '--tlskey', files.key, ...args],
      ],
      { input: Buffer.from(input) },
    );
    const { code } = await child.exited;
    return { code, stdout: child.stdout, stderr: child.stderr.map((line) => plain(line, address)) };
  }

  const dockerWorks: Record<string, readonly [args: readonly string[], input?: string]> = {
    'runs a container with its input, output and exit code': [
      ['run', '--rm', '--interactive', ...BOX, ...shell('cat; echo err >&2; exit 5')],
      'one\ntwo\n',
    ],
    'lists containers': [['ps', '--all', '--format', '{{.Names}}']],
    'loads an image that is none': [['load'], 'no archive'],
    'waits for an unknown container': [['wait', 'nosuch']],
  };
  for (const [what, [args, input]] of Object.entries(dockerWorks)) {
    it(`docker --tlsverify ${what}, as at dockerd`, async () => {
      const expected = await shown(engine.dockerd.tcpAddress, alice, args, input);
      expect(await shown(docker, alice, args, input)).to.deep.equal(expected);
    });
  }

  it('docker --tlsverify follows events and waits for an end that is history', async () => {
    const run = ['run', '--name', 'ended', ...BOX, ...shell('exit 9')];
    expect(await shown(docker, alice, run)).to.include({ code: 9 });
    expect(await shown(docker, alice, ['rm', 'ended'])).to.include({ code: 0 });
    expect(await shown(docker, alice, ['wait', 'ended'])).to.deep.include({ stdout: ['9'] });
    const span = ['--since', '0', '--until', '0s', '--format', '{{.Action}}'];
    const events = ['events', ...span, '--filter', 'container=ended'];
    // A recorder that is slow may store the removal after its answer.
    await eventually(async () => {
      const { stdout } = await shown(docker, alice, events);
      return stdout.join(' ') === 'create attach start die destroy';
    });
  });

  it('docker --tlsverify is refused without a right, and without a certificate that counts', async () => {
    const [create, list] = [['create', 'busybox:latest'], ['ps']];
    expect(JSON.stringify(await shown(docker, bob, create))).to.include(
      'does not have the right engine',
    );
    expect(await shown(docker, stranger, list)).to.include({ code: 1 });
    expect(await shown(engine.dockerd.tcpAddress, stranger, list)).to.include({ code: 1 });
  });

  it('openssl s_client gets TLS 1.2 and 1.3 with the protocol of each port, and nothing older', async () => {
    const handshake = async (address: string, ...args: string[]): Promise<string> => {
      const identity = ['-cert', alice.cert, '-key', alice.key, '-CAfile', authority.ca];
      const checks = ['-verify_return_error', '-verify_hostname', 'localhost'];
      const flags = ['s_client', '-connect', address, ...identity, ...checks, ...args];
      const child = new Child('openssl', flags);
      await child.exited;
      return [...child.stdout, ...child.stderr].join('\n');
    };
    for (const [address, protocol] of [
      [grpc, 'h2'],
      [docker, 'http/1.1'],
      [http, 'http/1.1'],
    ] as const) {
      for (const version of ['1_2', '1_3']) {
        const text = await handshake(address, `-tls${version}`, '-alpn', protocol);
        expect(text).to.include('Verify return code: 0 (ok)');
        expect(text).to.include(`ALPN protocol: ${protocol}`);
        expect(text).to.match(new RegExp(`TLSv${version.replace('_', '\\.')}`));
      }
      const old = ['-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0'];
      expect(await handshake(address, ...old)).to.match(/alert protocol version/);
      expect(await handshake(address, '-alpn', 'none-of-ours')).to.match(/no application protocol/);
    }
  });

  it('curl reads and publishes with a client certificate', async () => {
    const curl = async (
      files: CertificateFiles | undefined,
      ...args: string[]
    ): Promise<string> => {
      const identity = files === undefined ? [] : ['--cert', files.cert, '--key', files.key];
      const format = ['--silent', '--show-error', '--write-out', ' %{http_code}'];
      const child = new Child('curl', [...format, '--cacert', authority.ca, ...identity, ...args]);
      await child.exited;
      return [...child.stdout, ...child.stderr].join('\n');
    };
    const events = `https://${http}/v1/events`;
    const event = JSON.stringify({ namespace: 'curl', topic: '/curl/tls' });
    const publish = ['--header', 'content-type: application/json', '--data', event, events];
    expect(await curl(alice, ...publish)).to.match(/ 200$/);
    expect(await curl(alice, `${events}?namespace=curl`)).to.include('/curl/tls');
    expect(await curl(bob, ...publish)).to.match(/"bob\\" does not have the right publish.* 403$/s);
    expect(await curl(undefined, events)).to.match(/the caller is not identified.* 401$/s);
    expect(await curl(stranger, events)).to.match(/^ 000/);
    expect(await curl(alice, `https://${docker}/_ping`)).to.equal('OK 200');
  });

  it('python3-grpcio publishes and subscribes', async () => {
    const calls = async (
      files: CertificateFiles,
      namespace: string,
    ): Promise<readonly string[]> => {
      const args = [PYTHON_CALLS, grpc, authority.ca, files.cert, files.key, namespace];
      return (await new Child(PYTHON, args).succeeded()).stdout;
    };
    const outcome = (...codes: string[]): string[] => [
      `subscribe and publish ${codes[0]}`,
      `publish ${codes[1]}`,
    ];
    expect(await calls(alice, 'python')).to.deep.equal(outcome('OK', 'OK'));
    const denied = outcome('PERMISSION_DENIED', 'PERMISSION_DENIED');
    expect(await calls(bob, 'python')).to.deep.equal(denied);
    const nobody = { cert: '', key: '' };
    const unknown = outcome('UNAUTHENTICATED', 'UNAUTHENTICATED');
    expect(await calls(nobody, 'python')).to.deep.equal(unknown);
  });

  it('grpc-js publishes, subscribes and describes', async () => {
    const client = (files: CertificateFiles): TestClient => {
      const { ca, key, cert } = authority.read(files);
      // Node refuses an IP address as a server's name.
      return new TestClient(
        grpc.replace('127.0.0.1', 'localhost'),
        credentials.createSsl(ca, key, cert),
      );
    };
    const [known, other] = [client(alice), client(bob)];
    const seen = known.subscribe(['namespace==js']);
    await seen.headers;
    await known.publish('/js/tls', undefined, { 'containerd-namespace': 'js' });
    await seen.when(({ length }) => length === 1);
    seen.cancel();
    expect(Number((await known.describe()).entryCount)).to.be.greaterThan(0);
    await expectRefusal(other.publish('/js/tls', undefined), status.PERMISSION_DENIED);
    known.close();
    other.close();
  });
});

/** A line without ids and addresses, which differ. */
function plain(line: string, address: string): string {
  return line.replaceAll(address, 'ADDRESS').replace(/\b[0-9a-f]{12,64}\b/g, 'ID');
}
