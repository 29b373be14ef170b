import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { formatRfc3339 } from '../../../protocol/rfc3339.js';
import { lookupField } from '../../../server/events/payload-fields.js';

type Fields = Record<string, unknown>;

interface CorpusEnvelope {
  tag: string;
  event?: { type_url: string; fields: Fields | null; value_hex: string };
}

interface MatchCase {
  adaptor?: string;
  filter?: string;
  filters?: string[];
  objects: unknown;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/filters.json', import.meta.url), 'utf8'),
) as { corpora: { envelopes: CorpusEnvelope[] }; cases: MatchCase[] };

const types = PayloadTypes.load([
  fileURLToPath(new URL('../../protocol/user-types', import.meta.url)),
]);

/** The value of `event.<path>`; undefined also for a payload that cannot be decoded. */
function eventField(typeUrl: string, value: Uint8Array, path: string[]): string | undefined {
  const type = types.find(typeUrl);
  if (type === undefined) return undefined;
  try {
    return lookupField(type, type.decode(value), path);
  } catch {
    return undefined;
  }
}

/** The paths below `event` in the filters that the corpus is matched with. */
function corpusPaths(): string[][] {
  const filters = vectors.cases
    .filter(({ adaptor, objects }) => adaptor === 'envelope' && objects === 'corpus:envelopes')
    .flatMap(({ filter, filters }) => filters ?? [filter ?? '']);
  const paths = new Set<string>();
  for (const filter of filters) {
    for (const [, path = ''] of filter.matchAll(/\bevent((?:\.(?:\w+|"[^"]*"))*)/g))
      paths.add(path);
  }
  return [...paths].map((path) =>
    [...path.matchAll(/\.(?:(\w+)|"([^"]*)")/g)].map((part) => part[1] ?? part[2] ?? ''),
  );
}

/** Bools and integers of these messages that are there even when the vectors leave them out. */
const ZEROS: Record<string, Fields> = {
  'containerd.events.TaskCreate': { pid: 0 },
  'containerd.events.TaskExit': { pid: 0, exit_status: 0 },
  'containerd.events.TaskDelete': { pid: 0, exit_status: 0 },
};

/** The same answer read off the vectors' JSON. */
function expected(fields: Fields, [name = '', ...rest]: string[]): string | undefined {
  if (!Object.hasOwn(fields, name)) return undefined;
  const value = fields[name];
  if (name === 'labels') return expectedLabel(value as Fields, rest.join('.'));
  if (name === 'exited_at') {
    const { seconds, nanos = 0 } = value as { seconds: number; nanos?: number };
    return formatRfc3339({ seconds: BigInt(seconds), nanos }, 'needed');
  }
  // Runtime options are of an unknown type.
  if (Array.isArray(value) || name === 'options') return undefined;
  const zeros = name === 'io' ? { terminal: false } : {};
  if (typeof value === 'object') return expected({ ...zeros, ...value }, rest);
  return value === '' ? undefined : `${value as string | number}`;
}

function expectedLabel(labels: Fields, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? (labels[key] as string) : undefined;
}

describe('lookupField', () => {
  const paths = corpusPaths();

  it('is asked for every kind of path of the shared filter cases', () => {
    expect(paths).to.deep.include.members([
      ['id'],
      [],
      ['labels', 'com', 'example', 'app'],
      ['labels', 'sp ace'],
      ['io', 'terminal'],
      ['runtime', 'options', 'type_url'],
      ['exit_status'],
    ]);
  });

  for (const { tag, event } of vectors.corpora.envelopes) {
    if (event === undefined) continue;
    it(`sees the fields of ${tag}`, () => {
      const bare = event.type_url.slice(event.type_url.lastIndexOf('/') + 1);
      const fields = event.fields && { ...ZEROS[bare], ...event.fields };
      for (const path of paths) {
        expect(
          eventField(event.type_url, Buffer.from(event.value_hex, 'hex'), path),
          path.join('.'),
        ).to.equal(fields === null ? undefined : expected(fields, path));
      }
    });
  }

  describe('of a user type', () => {
    const sample = types.find('sample.v1.Sample')!;
    const look = (json: unknown, path: string) =>
      eventField('sample.v1.Sample', sample.encode(json), path.split('.'));

    const CASES: [json: unknown, path: string, text: string | undefined][] = [
      [{}, 'delta', '0'],
      [{ delta: -5 }, 'delta', '-5'],
      [{ big: '18446744073709551615' }, 'big', '18446744073709551615'],
      [{}, 'done', 'false'],
      [{}, 'color', 'COLOR_UNSPECIFIED'],
      [{ color: 'COLOR_RED' }, 'color.more', 'COLOR_RED'],
      [{ color: 9 }, 'color', '9'],
      [{}, 'maybe', undefined],
      [{ maybe: 0 }, 'maybe', '0'],
      [{}, 'text', undefined],
      [{ number: 7 }, 'number', '7'],
      [{ seen_at: '2023-11-14T22:13:20.120Z' }, 'seen_at', '2023-11-14T22:13:20.12Z'],
      [{ seen_at: '2023-11-14T23:13:20+01:00' }, 'seen_at', '2023-11-14T22:13:20Z'],
      [{}, 'seen_at', undefined],
      [{}, 'part.size', undefined],
      [{ part: {} }, 'part.size', 'SIZE_UNSPECIFIED'],
      [{ part: { whole: { delta: 3 } } }, 'part.whole.delta', '3'],
      [{ part: {} }, 'part', undefined],
      [{ labels: { '': 'x' } }, 'labels', 'x'],
      [{ labels: { __proto__x: 'y' } }, 'labels.__proto__x', 'y'],
      [{}, 'labels.constructor', undefined],
      [{ colors: { 'a.b': 'COLOR_RED' } }, 'colors.a.b', 'COLOR_RED'],
      [{ sizes: { s: 0 } }, 'sizes.s', '0'],
      [{ times: { t: '1970-01-01T00:00:00Z' } }, 'times.t', '1970-01-01T00:00:00Z'],
      [{ parts: { 5: {} } }, 'parts.5', undefined],
      [{ counts: [1] }, 'counts', undefined],
      [{ ratio: 1.5 }, 'ratio', undefined],
      [{ raw: 'aGk=' }, 'raw', undefined],
      [{ exit: { exit_status: 0 } }, 'exit.exit_status', '0'],
      [
        { detail: { '@type': 'x/containerd.events.TaskOOM', container_id: 'c' } },
        'detail.container_id',
        'c',
      ],
      [{ detail: { '@type': 'containerd.events.TaskOOM' } }, 'detail', undefined],
      [{ detail: { type_url: 'foo.Bar' } }, 'detail.type_url', undefined],
      [
        { detail: { type_url: 'containerd.events.TaskOOM', value: '//8=' } },
        'detail.container_id',
        undefined,
      ],
      [{ lasted: '61.25s' }, 'lasted', '61.25s'],
      [{ lasted: '-0.000000001s' }, 'lasted', '-0.000000001s'],
      [
        { detail: { '@type': 'google.protobuf.Struct', value: { a: { b: 2 } } } },
        'detail.a.b',
        '2',
      ],
      [{ detail: { '@type': 'google.protobuf.ListValue', value: ['x', 'y'] } }, 'detail.1', 'y'],
      [
        { detail: { '@type': 'google.protobuf.ListValue', value: ['x'] } },
        'detail.length',
        undefined,
      ],
      [
        { detail: { '@type': 'google.protobuf.Struct', value: { a: 1 } } },
        'detail.constructor',
        undefined,
      ],
      [{}, 'nosuch', undefined],
      [{}, 'constructor', undefined],
    ];
    for (const [json, path, text] of CASES) {
      it(`gives ${text ?? 'nothing'} for ${path} of ${JSON.stringify(json)}`, () => {
        expect(look(json, path)).to.equal(text);
      });
    }
  });
});
