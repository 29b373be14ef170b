import fc from 'fast-check';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { HeaderBlock, type Http2Stream } from '../../../server/http2/index.js';
import { connectNode, request, type Answer } from '../../support/http2/node-client.js';
import { handle, RunningServer } from '../../support/http2/running-server.js';
import { runs } from '../../support/property-runs.js';

/** One request, and what the server is asked to answer. */
interface Exchange {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly trailers: Readonly<Record<string, string>> | undefined;
  readonly answerChunks: readonly number[];
  readonly answerTrailers: boolean;
  /** Neither server waits for the body. */
  readonly early: boolean;
}

const nameArbitrary = fc.stringMatching(/^x-[a-z0-9]{1,8}$/);
const valueArbitrary = fc.stringMatching(/^[!-~]([ -~]{0,60}[!-~])?$/);

const exchangeArbitrary: fc.Arbitrary<Exchange> = fc.record({
  fields: fc.array(fc.tuple(nameArbitrary, valueArbitrary), { maxLength: 8 }),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.integer({ min: 0, max: 200_000 }).map((size) => new Uint8Array(size).fill(7)),
  ),
  trailers: fc.option(fc.dictionary(nameArbitrary, valueArbitrary, { minKeys: 1, maxKeys: 3 }), {
    nil: undefined,
  }),
  answerChunks: fc.array(
    fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100_000 })),
    {
      maxLength: 5,
    },
  ),
  answerTrailers: fc.boolean(),
  early: fc.boolean(),
});

/** The answer that both servers give: what they saw of the request, and what it asks for. */
interface Plan {
  readonly chunks: readonly number[];
  readonly trailers: boolean;
}

function planOf(text: string): Plan {
  return JSON.parse(text) as Plan;
}

function summary(
  fields: readonly (readonly [string, string])[],
  bytes: number,
  trailers: readonly (readonly [string, string])[],
): string {
  const sorted = (pairs: typeof fields): string[] =>
    pairs
      .filter(([name]) => name.startsWith('x-'))
      .map((pair) => pair.join('='))
      .sort();
  return JSON.stringify([sorted(fields), bytes, sorted(trailers)]);
}

function answerOurs(stream: Http2Stream): void {
  const { headers } = stream;
  const plan = planOf(headers.get('plan') ?? '');
  let bytes = 0;
  const answer = (trailers: readonly (readonly [string, string])[]): void => {
    const seen = summary(
      headers.fields.map(({ name, value }) => [name, value]),
      bytes,
      trailers,
    );
    stream.sendHeaders(
      new HeaderBlock([
        [':status', '200'],
        ['seen', seen],
      ]),
    );
    for (const size of plan.chunks) stream.sendData(Buffer.alloc(size, 'x'));
    if (plan.trailers) stream.sendTrailers(new HeaderBlock([['x-end', 'yes']]));
    else stream.end();
  };
  if (headers.get('early') === 'true') answer([]);
  else {
    handle(stream, {
      onData: (chunk) => {
        bytes += chunk.length;
        stream.consume(chunk.length);
      },
      onEnd: (trailers) => {
        answer((trailers?.fields ?? []).map(({ name, value }) => [name, value]));
      },
    });
  }
}

function pairsOf(raw: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!, raw[2 * i + 1]!]);
}

function answerNode(
  stream: ServerHttp2Stream,
  headers: { readonly plan?: string; readonly early?: string },
  rawHeaders: readonly string[],
): void {
  const plan = planOf(headers.plan ?? '');
  let bytes = 0;
  let trailers: readonly string[] = [];
  const answer = (): void => {
    const seen = summary(pairsOf(rawHeaders), bytes, pairsOf(trailers));
    stream.respond({ ':status': 200, seen }, { waitForTrailers: plan.trailers });
    if (plan.trailers) {
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'x-end': 'yes' });
      });
    }
    for (const size of plan.chunks) stream.write(Buffer.alloc(size, 'x'));
    stream.end();
  };
  stream.on('error', () => {});
  if (headers.early === 'true') {
    answer();
    return;
  }
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
  stream.on('trailers', (_: unknown, __: unknown, raw: readonly string[]) => (trailers = raw));
  stream.on('end', answer);
}

/** The parts of an answer that must be the same. */
function comparable({ status, headers, body, trailers }: Answer): object {
  return { status, seen: headers.seen, body: body.toString(), end: trailers['x-end'] };
}

describe('HTTP/2 server beside node:http2', () => {
  let ours: RunningServer;
  let theirs: Http2Server;
  let directory: string;

  before(async () => {
    ours = await RunningServer.start(answerOurs);
    directory = mkdtempSync(join(tmpdir(), 'http2-'));
    theirs = createServer();
    theirs.on('stream', (stream, headers, _flags, ...rest) => {
      const [raw] = rest as unknown as [readonly string[]];
      answerNode(stream, headers as { plan?: string; early?: string }, raw);
    });
    theirs.listen(join(directory, 'socket'));
    await once(theirs, 'listening');
  });

  after(async () => {
    await ours.stop();
    theirs.close();
    rmSync(directory, { recursive: true });
  });

  async function exchangeAll(path: string, exchanges: readonly Exchange[]): Promise<object[]> {
    const session = connectNode(path);
    const answers = await Promise.all(
      exchanges.map(({ fields, body, trailers, answerChunks, answerTrailers, early }) => {
        const headers: Record<string, string[]> = {
          plan: [JSON.stringify({ chunks: answerChunks, trailers: answerTrailers })],
          early: [String(early)],
        };
        for (const [name, value] of fields) {
          headers[name] = [...(headers[name] ?? []), value];
        }
        return request(
          session,
          headers,
          early ? new Uint8Array() : body,
          early ? undefined : trailers,
        );
      }),
    );
    session.destroy();
    expect(answers.map(({ status }) => status)).to.deep.equal(exchanges.map(() => 200));
    return answers.map(comparable);
  }

  it('gives the same answers to random valid requests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(exchangeArbitrary, { minLength: 1, maxLength: 8 }), async (all) => {
        const expected = await exchangeAll(join(directory, 'socket'), all);
        expect(await exchangeAll(ours.path, all)).to.deep.equal(expected);
      }),
      runs(60),
    );
  });
});
