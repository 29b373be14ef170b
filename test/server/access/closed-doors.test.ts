import { Client, credentials, Metadata, status, type ClientDuplexStream } from '@grpc/grpc-js';
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConsumeRequest,
  ConsumeResponse,
  ConsumersCreateRequest,
  ConsumersGetRequest,
} from '../../../protos/gen/foghorn/v1/consumers.js';
import { AttachRequest, AttachResponse } from '../../../protos/gen/foghorn/v1/recorder.js';
import { eventually } from '../../support/eventually.js';
import { expectRefusal } from '../../support/refusal.js';
import { StreamProbe } from '../../support/stream-probe.js';
import { Container, envelopeOf } from '../../support/task-events.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const CONSUMERS = '/foghorn.v1.Consumers';
const NAMESPACES = '/containerd.services.namespaces.v1.Namespaces';

/** Two tokens of one name, of which the first is in a group. */
const TOKENS = { inGroup: 'fhn_in-group', alone: 'fhn_alone' };
const digest = (token: string): string => createHash('sha256').update(token).digest('hex');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const rules = (readerReads: string): string => `
roles:
  all: { publish: ['*'], read: ['*'], admin: ['*'] }
  writer: { publish: [a] }
  reader: { read: [${readerReads}] }
  recorder: { publish: [a], read: [${readerReads}] }
  team: { read: [a] }
grants:
  - { role: all, to: [root] }
  - { role: writer, to: [writer] }
  - { role: reader, to: [reader] }
  - { role: recorder, to: [recorder] }
  - { role: team, to: ['group:team'] }
tokens:
  - { name: ci, groups: [team], sha256: ${digest(TOKENS.inGroup)} }
  - { name: ci, sha256: ${digest(TOKENS.alone)} }
`;

/** A stream both ways. */
class Duplex<Request, Response> extends StreamProbe<Response> {
  constructor(
    private readonly duplex: ClientDuplexStream<Request, Response>,
    private readonly client: Client,
  ) {
    super(duplex);
  }

  send(request: Request): void {
    this.duplex.write(request);
  }

  close(): void {
    this.duplex.cancel();
    this.client.close();
  }
}

interface Message<Value> {
  encode(value: Value): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Value;
}

function duplex<Request, Response>(
  address: string,
  path: string,
  request: Message<Request>,
  response: Message<Response>,
  headers: Readonly<Record<string, string>> = {},
): Duplex<Request, Response> {
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const encode = (value: Request): Buffer => Buffer.from(request.encode(value).finish());
  const decode = (bytes: Buffer): Response => response.decode(bytes);
  return new Duplex(client.makeBidiStreamRequest(path, encode, decode, metadata), client);
}

function hello(consumer: string, member: string): ConsumeRequest {
  return { message: { $case: 'hello', value: { consumer, member, held: [] } } };
}

function credit(value: number): ConsumeRequest {
  return { message: { $case: 'credit', value } };
}

function kinds({ messages }: { readonly messages: readonly ConsumeResponse[] }): unknown[] {
  return messages.map(({ message }) => message?.$case);
}

describe('a door', () => {
  let directory: string;
  let server: TestServer;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-doors-'));
    writeFileSync(file('access.yaml'), rules('a'));
    const names = ['root', 'writer', 'reader', 'recorder', 'group:team'];
    const grpc = names.map((name) => `unix://${file(name)}.sock?as=${name}`);
    server = await TestServer.start({ access: file('access.yaml'), grpc, docker: [] });
    const container = new Container('secret-container');
    await as('root').forward(envelopeOf(container.start(7), { namespace: 'a' }));
  });

  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const file = (name: string): string => join(directory, name);
  const as = (name: string): TestClient => server.client(addressOf(name));

  const addressOf = (name: string): string => `unix://${file(name)}.sock`;
  const consume = (name: string, headers = {}): Duplex<ConsumeRequest, ConsumeResponse> => {
    const path = `${CONSUMERS}/Consume`;
    return duplex(addressOf(name), path, ConsumeRequest, ConsumeResponse, headers);
  };

  const createConsumer = (
    client: TestClient,
    name: string,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const start = { position: { $case: 'earliest' as const, value: {} } };
    const request = ConsumersCreateRequest.fromPartial({ name, start });
    return client.call(
      `${CONSUMERS}/Create`,
      ConsumersCreateRequest.encode(request).finish(),
      headers,
    );
  };

  it('gives no rights of a group to a caller whose name reads like one', async () => {
    const { code, details: text } = await as('group:team').subscribe(['namespace==a']).status;
    expect(code).to.equal(status.PERMISSION_DENIED);
    expect(text).to.include('"group:team" does not have the right read');
  });

  it('of a consumer of another caller looks like that of none', async () => {
    await createConsumer(as('root'), 'of-root');
    const get = (name: string) =>
      expectRefusal(
        as('writer').call(`${CONSUMERS}/Get`, ConsumersGetRequest.encode({ name }).finish()),
        status.NOT_FOUND,
      );
    expect((await get('of-root')).replace('of-root', 'absent')).to.equal(await get('absent'));
  });

  it('shows a caller without the right to read nothing of a namespace that it deletes', async () => {
    // Field 1 of DeleteNamespaceRequest.
    const remove = (name: string) =>
      as('writer').call(
        `${NAMESPACES}/Delete`,
        Buffer.concat([Buffer.of(0x0a, name.length), Buffer.from(name)]),
      );
    await expectRefusal(remove('a'), status.NOT_FOUND);
  });

  describe('for recorders', () => {
    const attach = (name: string) => {
      const path = '/foghorn.v1.Recorders/Attach';
      const stream = duplex(addressOf(name), path, AttachRequest, AttachResponse);
      const value = { kind: 'containerd', address: '', namespace: 'a' };
      stream.send({ message: { $case: 'daemon', value } });
      return stream;
    };

    it('asks none that may not read about the containers of others', async () => {
      const stream = attach('writer');
      const { code, details } = await stream.status;
      stream.close();
      expect(code).to.equal(status.PERMISSION_DENIED);
      expect(details).to.include('does not have the right read');
    });

    it('ends with the right to read', async () => {
      const stream = attach('recorder');
      await stream.when(({ length }) => length === 1);
      expect(stream.messages[0]?.reportState).to.equal(true);
      writeFileSync(file('access.yaml'), rules('b'));
      expect((await stream.status).code).to.equal(status.PERMISSION_DENIED);
      stream.close();
      writeFileSync(file('access.yaml'), rules('a'));
      await eventually(() => mayRead('reader', 'a'));
    });
  });

  const mayRead = async (name: string, namespace: string): Promise<boolean> => {
    const stream = as(name).subscribe([`namespace==${namespace}`]);
    const outcome = await Promise.race([
      stream.headers.then(() => true),
      stream.status.then(() => false),
    ]).catch(() => false);
    stream.cancel();
    return outcome;
  };

  it('of a consumer delivers nothing that was read ahead with a right that has gone', async () => {
    await createConsumer(as('reader'), 'of-reader');
    const before = consume('reader');
    before.send(hello('of-reader', 'm'));
    await before.when(() => kinds(before).includes('welcome'));
    // It has credit for one event of the two that are read.
    const another = new Container('another').start(8);
    await as('root').forward(envelopeOf(another, { namespace: 'a' }));
    before.send(credit(1));
    await before.when(() => kinds(before).length === 2);
    writeFileSync(file('access.yaml'), rules('b'));
    await eventually(async () => !(await mayRead('reader', 'a')));
    before.send(credit(100));
    expect((await before.status).code).to.equal(status.OK);
    expect(kinds(before)).to.have.length(2);
    const after = consume('reader');
    after.send(hello('of-reader', 'm'));
    after.send(credit(100));
    await after.when(() => kinds(after).includes('welcome'));
    // Whatever the caller gets is on its way before the answer to a later call.
    await as('reader').describe();
    expect(kinds(after)).to.deep.equal(['welcome']);
    before.close();
    after.close();
    writeFileSync(file('access.yaml'), rules('a'));
    await eventually(() => mayRead('reader', 'a'));
  });

  it('of a consumer is closed to a token of the same name with the rights of other groups', async () => {
    await createConsumer(as('root'), 'of-ci', bearer(TOKENS.inGroup));
    const inGroup = consume('root', bearer(TOKENS.inGroup));
    inGroup.send(hello('of-ci', 'one'));
    await inGroup.when(() => kinds(inGroup).includes('welcome'));
    const alone = consume('root', bearer(TOKENS.alone));
    alone.send(hello('of-ci', 'two'));
    alone.send(credit(100));
    expect((await alone.status).code).to.equal(status.FAILED_PRECONDITION);
    expect(alone.messages).to.deep.equal([]);
    inGroup.close();
    alone.close();
  });
});
