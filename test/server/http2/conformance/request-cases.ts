import { expect } from 'chai';
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  TYPE,
  WHOLE,
} from '../../../support/http2/frames.js';
import { fieldsOf, literal, requestBlock, type FieldPair } from '../../../support/http2/hpack.js';
import { answers, endsStream, type Case } from './case.js';

function whole(...fields: readonly FieldPair[]): Buffer {
  return frame(TYPE.HEADERS, WHOLE, 1, requestBlock('/', ...fields));
}

function block(...fields: readonly FieldPair[]): Buffer {
  return frame(TYPE.HEADERS, WHOLE, 1, fieldsOf(...fields));
}

const METHOD: FieldPair = [':method', 'POST'];
const SCHEME: FieldPair = [':scheme', 'http'];
const PATH: FieldPair = [':path', '/'];
const AUTHORITY: FieldPair = [':authority', 'a'];

function malformed(section: string, title: string, ...frames: readonly Uint8Array[]): Case {
  const refused = endsStream(section, `answers ${title}`, 1, 'PROTOCOL_ERROR', ...frames);
  return {
    ...refused,
    async run(client, server) {
      await refused.run(client, server);
      expect(server.requests.get(1)?.ended ?? false, 'the request is complete').to.equal(false);
    },
  };
}

/** RFC 9113, sections 8.1 and 8.1.1. */
const messages: Case[] = [
  {
    section: '8.1',
    title: 'delivers trailers, and ends the request with them',
    async run(client, server) {
      client.send(
        frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock()),
        data(1, 'body'),
        frame(TYPE.HEADERS, WHOLE, 1, fieldsOf(['x-sum', '7'], ['x-sum', '8'])),
      );
      await client.settled();
      const { body, trailers, ended } = server.requests.get(1)!;
      expect([body, trailers!.getAll('x-sum'), ended]).to.deep.equal(['body', ['7', '8'], true]);
    },
  },
  malformed(
    '8.1',
    'trailers without END_STREAM',
    frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock()),
    frame(TYPE.HEADERS, END_HEADERS, 1, fieldsOf(['x', 'y'])),
  ),
  ...(
    [
      ['a body shorter than content-length', '5', [data(1, 'four', END_STREAM)]],
      ['a body longer than content-length', '3', [data(1, 'four', END_STREAM)]],
      ['a first frame longer than content-length', '3', [data(1, 'four')]],
      ['an empty body with content-length', '1', [data(1, '', END_STREAM)]],
      [
        'trailers before the end of content-length',
        '5',
        [data(1, 'four'), frame(TYPE.HEADERS, WHOLE, 1, fieldsOf(['x', 'y']))],
      ],
    ] as const
  ).map(([title, length, frames]) =>
    malformed(
      '8.1.1',
      title,
      frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/', ['content-length', length])),
      ...frames,
    ),
  ),
  malformed('8.1.1', 'no body with content-length', whole(['content-length', '1'])),
  ...['x', '-1', '1.5', '0x10', '1, 1', '', '9'.repeat(20)].map((value) =>
    malformed('8.1.1', `a content-length of "${value}"`, whole(['content-length', value])),
  ),
  malformed(
    '8.1.1',
    'two different values of content-length',
    whole(['content-length', '0'], ['content-length', '1']),
  ),
  answers(
    '8.1.1',
    'accepts a body as long as content-length, in several frames with padding',
    [1],
    frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/', ['content-length', '4'])),
    data(1, 'fo'),
    frame(TYPE.DATA, 0x8, 1, Buffer.from([2]), Buffer.from('ur'), Buffer.alloc(2)),
    data(1, '', END_STREAM),
  ),
  answers(
    '8.1.1',
    'accepts a content-length of 0 without a body, also twice',
    [1],
    whole(['content-length', '0'], ['content-length', '0']),
  ),
];

const CONNECTION_FIELDS: readonly FieldPair[] = [
  ['connection', 'close'],
  ['keep-alive', 'timeout=5'],
  ['proxy-connection', 'keep-alive'],
  ['transfer-encoding', 'chunked'],
  ['upgrade', 'h2c'],
];

/** RFC 9113, section 8.2. */
const fields: Case[] = [
  ...(
    [
      ['an upper-case letter', 'X-upper'],
      ['nothing', ''],
      ['a space', 'x y'],
      ['a control character', 'x\x01'],
      ['DEL', 'x\x7f'],
      ['a byte above 0x7f', 'x\xe9'],
      ['a colon within it', 'x:y'],
      ['a line feed', 'x\ny'],
    ] as const
  ).map(([what, name]) => malformed('8.2.1', `a name with ${what}`, whole([name, 'value']))),
  ...(
    [
      ['NUL', 'a\0b'],
      ['a line feed', 'a\nb'],
      ['a carriage return', 'a\rb'],
      ['a space at its begin', ' a'],
      ['a tab at its begin', '\ta'],
      ['a space at its end', 'a '],
      ['a tab at its end', 'a\t'],
    ] as const
  ).map(([what, value]) => malformed('8.2.1', `a value with ${what}`, whole(['x', value]))),
  malformed(
    '8.2.1',
    'a malformed value in trailers',
    frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock()),
    frame(TYPE.HEADERS, WHOLE, 1, fieldsOf(['x', 'a\nb'])),
  ),
  {
    section: '8.2.1',
    title: 'delivers any other bytes of a value, and empty values',
    async run(client, server) {
      const bytes = Array.from({ length: 256 }, (_, byte) => byte)
        .filter((byte) => ![0, 10, 13].includes(byte))
        .map((byte) => String.fromCharCode(byte))
        .join('');
      client.send(whole(['x-bytes', `(${bytes})`], ['x-empty', '']));
      await client.settled();
      const { headers } = server.requests.get(1)!;
      expect(headers.get('x-bytes')).to.equal(`(${bytes})`);
      expect(headers.get('x-empty')).to.equal('');
    },
  },
  ...CONNECTION_FIELDS.map((field) =>
    malformed('8.2.2', `a field of the connection: ${field[0]}`, whole(field)),
  ),
  malformed('8.2.2', 'TE with anything but trailers', whole(['te', 'gzip'])),
  malformed('8.2.2', 'TE with more than trailers', whole(['te', 'trailers, deflate'])),
  answers('8.2.2', 'accepts TE with trailers', [1], whole(['te', 'trailers'])),
  {
    section: '8.2.3',
    title: 'delivers each part of a cookie',
    async run(client, server) {
      client.send(whole(['cookie', 'a=b'], ['cookie', 'c=d']));
      await client.settled();
      expect(server.requests.get(1)!.headers.getAll('cookie')).to.deep.equal(['a=b', 'c=d']);
    },
  },
];

/** RFC 9113, sections 8.3 and 8.5. */
const pseudoFields: Case[] = [
  malformed('8.3', 'an unknown pseudo-header field', whole([':unknown', 'x'])),
  malformed(
    '8.3',
    'an unknown pseudo-header field in its place',
    block([':x', 'y'], METHOD, SCHEME, PATH),
  ),
  malformed(
    '8.3',
    'a pseudo-header field of responses',
    block([':status', '200'], METHOD, SCHEME, PATH),
  ),
  malformed(
    '8.3',
    'a pseudo-header field after another field',
    block(METHOD, SCHEME, ['x', 'y'], PATH),
  ),
  ...[METHOD, SCHEME, PATH, AUTHORITY].map((field) =>
    malformed('8.3', `two ${field[0]} fields`, block(METHOD, SCHEME, PATH, AUTHORITY, field)),
  ),
  malformed(
    '8.3',
    'a pseudo-header field in trailers',
    frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock()),
    frame(TYPE.HEADERS, WHOLE, 1, fieldsOf(METHOD)),
  ),
  malformed('8.3.1', 'a request without :method', block(SCHEME, PATH, AUTHORITY)),
  malformed('8.3.1', 'a request without :scheme', block(METHOD, PATH, AUTHORITY)),
  malformed('8.3.1', 'a request without :path', block(METHOD, SCHEME, AUTHORITY)),
  malformed('8.3.1', 'an empty :path', block(METHOD, SCHEME, [':path', ''])),
  malformed('8.3.1', 'a request without any field', frame(TYPE.HEADERS, WHOLE, 1)),
  answers('8.3.1', 'accepts a request without :authority', [1], block(METHOD, SCHEME, PATH)),
  answers('8.3.1', 'accepts OPTIONS *', [1], block([':method', 'OPTIONS'], SCHEME, [':path', '*'])),
  answers(
    '8.3.1',
    'accepts pseudo-header fields in any order',
    [1],
    block(PATH, AUTHORITY, SCHEME, METHOD),
  ),
  ...[
    '',
    '/run/x.sock',
    'unix:///run/x.sock',
    '%2Frun',
    'a b',
    ' a ',
    '[::]',
    '\x01',
    '\xff\0',
  ].map((authority): Case => ({
    section: '8.3.1',
    title: `delivers the :authority ${JSON.stringify(authority)} as gRPC's clients send it`,
    async run(client, server) {
      client.send(block(METHOD, SCHEME, PATH, [':authority', authority]));
      await client.settled();
      expect(server.requests.get(1)!.headers.authority).to.equal(authority);
    },
  })),
  malformed(
    '8.5',
    'CONNECT with :scheme and :path',
    block([':method', 'CONNECT'], SCHEME, PATH, AUTHORITY),
  ),
  malformed('8.5', 'CONNECT without :authority', block([':method', 'CONNECT'])),
  answers(
    '8.5',
    'accepts CONNECT with :authority alone',
    [1],
    block([':method', 'CONNECT'], AUTHORITY),
  ),
];

/** RFC 9113, sections 8.3.2 and 10.5.1: responses and limits. */
const others: Case[] = [
  {
    section: '8.3.2',
    title: 'begins each response with :status, and sends no pseudo-header field in trailers',
    async run(client) {
      client.request(1);
      client.request(3, '/bytes/3');
      await client.settled();
      for (const { fields: sent } of client.headerLists()) {
        const pseudo = sent.filter(([name]) => name.startsWith(':'));
        expect(pseudo).to.deep.equal(sent[0]![0] === ':status' ? [[':status', '200']] : []);
        expect(sent.some(([name]) => name !== name.toLowerCase())).to.equal(false);
      }
      expect(
        client.headerLists().filter(({ fields: [first] }) => first![0] === ':status').length,
      ).to.equal(2);
    },
  },
  {
    section: '10.5.1',
    title: 'announces the largest header list, and refuses one above it',
    options: { maxHeaderListSize: 1000 },
    async run(client) {
      client.send(whole(['x', 'y'.repeat(1000)]));
      client.send(frame(TYPE.HEADERS, WHOLE, 3, requestBlock('/', ['x', 'y'.repeat(500)])));
      await client.settled();
      const { payload } = client.settings;
      expect(payload.subarray(6, 12)).to.deep.equal(Buffer.from([0, 6, 0, 0, 3, 232]));
      expect(client.resetOf(1)).to.equal(11);
      expect(client.isAnswered(3)).to.equal(true);
    },
  },
  {
    section: '10.5.1',
    title: 'accepts a field of 1 MiB, and 1,500 fields',
    async run(client, server) {
      const fields = Array.from({ length: 1500 }, (_, i): FieldPair => [`x-h${i}`, `v${i}`]);
      const bytes = Buffer.concat([
        requestBlock('/', ...fields),
        literal('x-big', 'y'.repeat(1024 * 1024)),
      ]);
      const parts: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += 16_384) {
        const part = bytes.subarray(at, at + 16_384);
        const flags = at + 16_384 < bytes.length ? 0 : END_HEADERS;
        parts.push(frame(at === 0 ? 1 : 9, at === 0 ? END_STREAM | flags : flags, 1, part));
      }
      client.send(...parts);
      await client.settled();
      const { headers } = server.requests.get(1)!;
      expect(headers.get('x-big')).to.have.lengthOf(1024 * 1024);
      expect(headers.get('x-h1499')).to.equal('v1499');
      expect(client.isAnswered(1)).to.equal(true);
    },
  },
];

export const REQUEST_CASES: readonly Case[] = [...messages, ...fields, ...pseudoFields, ...others];
