import { expect } from 'chai';
import { FrameClient } from '../../../support/http2/frame-client.js';
import { frame, settings, TYPE, WHOLE } from '../../../support/http2/frames.js';
import { integer, literal, pseudoFields, text } from '../../../support/http2/hpack.js';
import { endsConnection, type Case } from './case.js';

const HEADER_TABLE_SIZE = 1;

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function request(streamId: number, ...parts: readonly Uint8Array[]): Buffer {
  return frame(TYPE.HEADERS, WHOLE, streamId, ...parts);
}

/** The block breaks the connection's compression. */
function undecodable(section: string, title: string, ...parts: readonly Uint8Array[]): Case {
  return endsConnection(
    section,
    `answers ${title}`,
    'COMPRESSION_ERROR',
    request(1, pseudoFields(), ...parts),
  );
}

/** Blocks of successive requests, and the fields of each beside the pseudo-header fields. */
function decodes(
  section: string,
  title: string,
  ...blocks: readonly (readonly [block: Buffer, fields: readonly (readonly [string, string])[]])[]
): Case {
  return {
    section,
    title,
    async run(client, server) {
      blocks.forEach(([block], i) => {
        client.send(request(2 * i + 1, pseudoFields(), block));
      });
      await client.settled();
      expect(client.goAways).to.deep.equal([]);
      const decoded = blocks.map((_, i) =>
        server.requests.get(2 * i + 1)!.headers.fields.map(({ name, value }) => [name, value]),
      );
      expect(decoded).to.deep.equal(blocks.map(([, fields]) => fields));
    },
  };
}

const indexed = (index: number): Buffer => integer(0x80, 7, index);
const sizeUpdate = (size: number): Buffer => integer(0x20, 5, size);

const NUMBERED = Array.from(
  { length: 94 },
  (_, i) => ['x-name', `val-${String(i).padStart(2, '0')}`] as const,
);

const tables: Case[] = [
  undecodable('2.3.3', 'index 0', indexed(0)),
  undecodable('2.3.3', 'an index above both tables', indexed(62)),
  undecodable('2.3.3', 'a name index above both tables', integer(0x00, 4, 63), text('x')),
  decodes(
    '2.3.3',
    'numbers the static table from 1 and the dynamic table from 62, the newest entry first',
    [
      Buffer.concat([indexed(16), literal('a', '1', 0x40), literal('b', '2', 0x40), indexed(63)]),
      [
        ['accept-encoding', 'gzip, deflate'],
        ['a', '1'],
        ['b', '2'],
        ['a', '1'],
      ],
    ],
    [
      Buffer.concat([indexed(62), indexed(61)]),
      [
        ['b', '2'],
        ['www-authenticate', ''],
      ],
    ],
  ),
  decodes('2.3.2', 'keeps duplicate entries', [
    Buffer.concat([literal('a', '1', 0x40), literal('a', '1', 0x40), indexed(62), indexed(63)]),
    Array.from({ length: 4 }, () => ['a', '1'] as const),
  ]),
  decodes(
    '4.1',
    'counts 32 bytes more than the texts for each entry',
    // 93 entries of 44 bytes are 4,092 bytes; another one evicts the first.
    [Buffer.concat(NUMBERED.map(([name, value]) => literal(name, value, 0x40))), NUMBERED],
    [indexed(62 + 92), [['x-name', 'val-01']]],
  ),
  undecodable(
    '4.1',
    'the index of an entry that a new one evicted',
    ...Array.from({ length: 94 }, () => literal('x-name', 'value6', 0x40)),
    indexed(62 + 93),
  ),
  endsConnection(
    '4.2',
    'answers a table larger than SETTINGS allow',
    'COMPRESSION_ERROR',
    request(1, sizeUpdate(4097), pseudoFields()),
  ),
  endsConnection(
    '4.2',
    'answers a size update after a field',
    'COMPRESSION_ERROR',
    request(1, pseudoFields(), sizeUpdate(10)),
  ),
  {
    section: '4.2',
    title: 'accepts two size updates at the begin of a block',
    async run(client, server) {
      client.send(
        request(1, pseudoFields(), literal('a', '1', 0x40)),
        request(3, sizeUpdate(0), sizeUpdate(4096), pseudoFields(), literal('b', '2', 0x40)),
        request(5, pseudoFields(), indexed(62)),
      );
      await client.settled();
      expect(server.requests.get(5)!.headers.get('b')).to.equal('2');
      client.send(request(7, pseudoFields(), indexed(63)));
      await client.closed();
    },
  },
  {
    section: '4.3',
    title: 'evicts entries when the table becomes smaller',
    async run(client, server) {
      client.send(
        request(1, pseudoFields(), literal('a', '1', 0x40), literal('b', '2', 0x40)),
        request(3, sizeUpdate(34), pseudoFields(), indexed(62)),
      );
      await client.settled();
      expect(server.requests.get(3)!.headers.get('b')).to.equal('2');
      client.send(request(5, pseudoFields(), indexed(63)));
      await client.closed();
      expect(client.goAways[0]!.code).to.equal(9);
    },
  },
  decodes(
    '4.4',
    'takes a field larger than the table, which empties it',
    [literal('a', '1', 0x40), [['a', '1']]],
    [literal('b', 'y'.repeat(5000), 0x40), [['b', 'y'.repeat(5000)]]],
    [
      Buffer.concat([literal('c', '3', 0x40), indexed(62)]),
      [
        ['c', '3'],
        ['c', '3'],
      ],
    ],
  ),
  endsConnection(
    '4.4',
    'answers an index into a table that a larger field emptied',
    'COMPRESSION_ERROR',
    request(1, pseudoFields(), literal('a', '1', 0x40), literal('b', 'y'.repeat(5000), 0x40)),
    request(3, pseudoFields(), indexed(62)),
  ),
];

const representations: Case[] = [
  decodes('5.1', 'decodes integers of one, two, three and four bytes', [
    Buffer.concat([6, 126, 127, 254, 15_000].map((length) => literal('x', 'v'.repeat(length)))),
    [6, 126, 127, 254, 15_000].map((length) => ['x', 'v'.repeat(length)] as const),
  ]),
  decodes('5.1', 'decodes an integer with superfluous zeros', [
    Buffer.concat([bytes('00 01 78 7f 80 00'), Buffer.alloc(127, 'v')]),
    [['x', 'v'.repeat(127)]],
  ]),
  undecodable('5.1', 'an integer that does not end within its block', bytes('00 01 78 7f ff')),
  undecodable('5.1', 'an integer beyond any length', bytes('00 01 78 7f ff ff ff ff ff ff 01')),
  undecodable('5.1', 'an index that does not end within its block', bytes('ff ff')),
  undecodable('5.2', 'a text longer than its block', bytes('00 01 78 05 61 62')),
  undecodable('5.2', 'a field without its value', bytes('00 01 78')),
  undecodable('5.2', 'a field without its name', bytes('40')),
  decodes('5.2', 'decodes empty texts', [literal('x', ''), [['x', '']]]),
  undecodable('5.2', 'Huffman padding of more than 7 bits', bytes('00 01 78 82 1f ff')),
  undecodable('5.2', 'Huffman padding that is not all ones', bytes('00 01 78 81 18')),
  undecodable('5.2', 'EOS within a Huffman text', bytes('00 01 78 84 ff ff ff ff')),
  decodes('5.2', 'decodes a Huffman text without padding', [
    // Eight times "0", whose code is five zeros.
    bytes('00 01 78 85 00 00 00 00 00'),
    [['x', '00000000']],
  ]),
  decodes('6.1', 'decodes indexed fields', [indexed(23), [['authorization', '']]]),
  decodes(
    '6.2.1',
    'adds literals with indexing to the table, with a new or an indexed name',
    [
      Buffer.concat([literal('a', '1', 0x40), integer(0x40, 6, 62), text('2')]),
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      Buffer.concat([indexed(62), indexed(63)]),
      [
        ['a', '2'],
        ['a', '1'],
      ],
    ],
  ),
  decodes('6.2.2', 'decodes literals without indexing, with a new or an indexed name', [
    Buffer.concat([literal('a', '1'), integer(0x00, 4, 58), text('me')]),
    [
      ['a', '1'],
      ['user-agent', 'me'],
    ],
  ]),
  undecodable('6.2.2', 'an index after a literal without indexing', literal('a', '1'), indexed(62)),
  decodes('6.2.3', 'decodes literals that are never indexed, with a new or an indexed name', [
    Buffer.concat([literal('a', '1', 0x10), integer(0x10, 4, 23), text('secret')]),
    [
      ['a', '1'],
      ['authorization', 'secret'],
    ],
  ]),
  undecodable(
    '6.2.3',
    'an index after a never indexed literal',
    literal('a', '1', 0x10),
    indexed(62),
  ),
];

/** RFC 7541, appendix C: whole requests on one connection. */
const EXAMPLES = {
  'C.3 (without Huffman)': [
    '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
    '8286 84be 5808 6e6f 2d63 6163 6865',
    '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
  ],
  'C.4 (with Huffman)': [
    '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
    '8286 84be 5886 a8eb 1064 9cbf',
    '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
  ],
};

const examples: Case[] = Object.entries(EXAMPLES).map(([name, blocks]) => ({
  section: name.slice(0, 3),
  title: `decodes the examples of ${name}`,
  async run(client, server) {
    blocks.forEach((hex, i) => {
      client.send(request(2 * i + 1, bytes(hex)));
    });
    await client.settled();
    const seen = [1, 3, 5].map((id) => {
      const { method, scheme, path, authority, fields } = server.requests.get(id)!.headers;
      return [method, scheme, path, authority, ...fields.map((one) => `${one.name}: ${one.value}`)];
    });
    expect(seen).to.deep.equal([
      ['GET', 'http', '/', 'www.example.com'],
      ['GET', 'http', '/', 'www.example.com', 'cache-control: no-cache'],
      ['GET', 'https', '/index.html', 'www.example.com', 'custom-key: custom-value'],
    ]);
  },
}));

/** The blocks that the server sends, decoded by a table of the client's size. */
const encoding: Case[] = [
  {
    section: '2.2',
    title: 'sends blocks that a decoder with a table of its own understands',
    async run(client) {
      for (let i = 0; i < 6; i++) client.request(2 * i + 1, i % 2 === 0 ? '/' : '/bytes/1');
      await client.settled();
      const lists = client.headerLists();
      expect(lists.length).to.equal(12);
      for (const { fields } of lists) {
        expect(['200 application/grpc', '0']).to.include(
          fields.map(([, value]) => value).join(' '),
        );
      }
    },
  },
  ...[0, 40, 100].map((size): Case => ({
    section: '4.2',
    title: `obeys a client's table of ${size} bytes, and confirms it in the next block`,
    connects: (path) => FrameClient.open(path, settings([HEADER_TABLE_SIZE, size])),
    async run(client) {
      for (let i = 0; i < 4; i++) client.request(2 * i + 1);
      await client.settled();
      expect(client.headerLists().length).to.equal(8);
      expect(client.decoder.sizeUpdates).to.deep.equal([0, size]);
    },
  })),
  {
    section: '4.2',
    title: 'obeys changes of the table within a connection, between ready responses',
    async run(client) {
      let id = 1;
      for (const size of [4096, 0, 50, 4096, 0, 2 ** 32 - 1]) {
        client.send(settings([HEADER_TABLE_SIZE, size]));
        for (let i = 0; i < 4; i++, id += 2) client.request(id);
        await client.settled();
      }
      const lists = client.headerLists();
      expect(lists.length).to.equal(48);
      expect(lists.every(({ fields }) => ['200', '0'].includes(fields[0]![1]))).to.equal(true);
      expect(client.decoder.sizeUpdates).to.deep.equal(
        [4096, 0, 50, 4096, 0, 4096].flatMap((size) => [0, size]),
      );
    },
  },
];

export const HPACK_CASES: readonly Case[] = [
  ...tables,
  ...representations,
  ...examples,
  ...encoding,
];
