import { status, type ServiceError } from '@grpc/grpc-js';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { RIGHTS, type Right } from '../../../../server/access/caller.js';
import { RawTtrpc } from '../../../support/raw-ttrpc.js';
import type { StreamProbe } from '../../../support/stream-probe.js';
import type { TestClient } from '../../../support/test-client.js';
import { TestServer } from '../../../support/test-server.js';

/**
 * `nothing`: answered, and without anything of a namespace that the caller may not read; `absent`:
 * answered as if the subject did not exist.
 */
export type Outcome = 'yes' | 'nothing' | 'absent' | 'refused';

/** A part of what is stored, which only callers with the right to read may see. */
export const SECRET = 'secret-container';
export const NAMESPACE = 'a';

type EdgeName = 'grpc' | 'http' | 'docker' | 'ttrpc';
const RULES = `
roles:
  all: { publish: ['*'], read: ['*'], engine: ['*'], admin: ['*'] }
${RIGHTS.map((right) => `  ${right}: { ${right}: ['*'] }`).join('\n')}
grants:
  - { role: all, to: [root] }
${RIGHTS.map((right) => `  - { role: ${right}, to: [${right}] }`).join('\n')}
`;

/** The code of a lacking right. */
export const DENIED: number = status.PERMISSION_DENIED;

const asIs = (bytes: Buffer): Buffer => bytes;

/** A broker with sockets for callers of one right each, and for one with all of them. */
export class BrokerForEachRight {
  /** Paths of the gRPC methods that were called. */
  readonly called = new Set<string>();
  readonly #directory = mkdtempSync(join(tmpdir(), 'foghorn-matrix-'));
  readonly #engine: Server;
  readonly #containerd: Http2Server;
  readonly #clients = new Map<string, TestClient>();
  #server!: TestServer;

  /** @param hasDaemons whether an engine and a containerd are behind it, which answer everything */
  constructor(private readonly hasDaemons: boolean) {
    this.#engine = createServer((_request, response) => response.end('{}'));
    this.#containerd = createHttp2Server().on('stream', (stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' },
        { endStream: true },
      );
    });
  }

  async start(): Promise<this> {
    const path = (name: string): string => join(this.#directory, name);
    writeFileSync(path('access.yaml'), RULES);
    this.#engine.listen(path('engine.sock'));
    this.#containerd.listen(path('containerd.sock'));
    await Promise.all([once(this.#engine, 'listening'), once(this.#containerd, 'listening')]);
    const sockets = (edge: EdgeName): string[] =>
      ['root', ...RIGHTS].map((name) => `unix://${this.#socket(edge, name)}?as=${name}`);
    this.#server = await TestServer.start({
      access: path('access.yaml'),
      grpc: sockets('grpc'),
      http: sockets('http'),
      docker: sockets('docker'),
      ttrpc: sockets('ttrpc'),
      dockerNamespace: NAMESPACE,
      ...(this.hasDaemons && {
        engine: { text: 'engine', target: { socketPath: path('engine.sock') } },
        containerd: `unix://${path('containerd.sock')}`,
      }),
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    this.#engine.close();
    this.#containerd.close();
    rmSync(this.#directory, { recursive: true });
  }

  client(name: Right | 'root'): TestClient {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const client = this.#server.client(`unix://${this.#socket('grpc', name)}`);
    this.#clients.set(name, client);
    return client;
  }

  ttrpc(name: Right): Promise<RawTtrpc> {
    return RawTtrpc.open(this.#socket('ttrpc', name));
  }

  /** How many times the broker has refused a right. */
  async denials(): Promise<number> {
    const sent = request({ socketPath: this.#socket('http', 'root'), path: '/metrics' }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const found = /^foghorn_access_verdicts_total\{verdict="denied"\} (\d+)$/m.exec(
      await text(answer),
    );
    return Number(found?.[1]);
  }

  /** A unary call; whatever fails otherwise than for lack of a right has passed the check. */
  async unary(name: Right, path: string, request: Uint8Array): Promise<Outcome> {
    this.called.add(path);
    try {
      return seenIn(await this.client(name).call(path, request));
    } catch (error) {
      return outcomeOf((error as ServiceError).code);
    }
  }

  /** A call whose stream of responses ends by itself. */
  async stream(name: Right, path: string, request: Uint8Array): Promise<Outcome> {
    this.called.add(path);
    return this.#ended(this.client(name).stream(path, request, asIs));
  }

  /** A call that is a stream both ways, with one message. */
  async duplex(name: Right, path: string, request: Uint8Array): Promise<Outcome> {
    this.called.add(path);
    const stream = this.client(name).duplex(path);
    stream.sendBytes(request);
    stream.end();
    const { code } = await stream.status;
    return outcomeOf(code);
  }

  /** A request by HTTP. */
  async http(
    edge: 'http' | 'docker',
    name: Right,
    method: string,
    path: string,
    body?: object,
  ): Promise<Outcome> {
    const sent = request({
      socketPath: this.#socket(edge, name),
      method,
      path,
      headers: { 'content-type': 'application/json' },
      agent: false,
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const content = await text(answer);
    return answer.statusCode === 403 ? 'refused' : seenIn(content);
  }

  async #ended(stream: StreamProbe<Buffer>): Promise<Outcome> {
    const { code } = await stream.status;
    const outcome = outcomeOf(code);
    return outcome === 'yes' ? seenIn(Buffer.concat(stream.messages)) : outcome;
  }

  #socket(edge: EdgeName, name: string): string {
    return join(this.#directory, `${edge}-${name}.sock`);
  }
}

export function outcomeOf(code: number): Outcome {
  if (code === DENIED) return 'refused';
  return code === (status.NOT_FOUND as number) ? 'absent' : 'yes';
}

function seenIn(answer: Uint8Array | string): Outcome {
  const shown = typeof answer === 'string' ? answer : Buffer.from(answer).toString('latin1');
  return shown.includes(SECRET) ? 'yes' : 'nothing';
}
