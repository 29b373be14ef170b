import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { formatCtr } from '../../../cli/format/ctr.js';
import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';

interface LineCase {
  timestamp: { seconds: number; nanos: number };
  namespace: string;
  topic: string;
  event: { type_url: string; value_hex: string };
  line: string | null;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/ctr-lines.json', import.meta.url), 'utf8'),
) as { cases: LineCase[]; differences: (LineCase & { ours: string | null; why: string })[] };

const types = PayloadTypes.load([
  fileURLToPath(new URL('../../protocol/user-types', import.meta.url)),
]);

function envelope({ timestamp, namespace, topic, event }: LineCase): Envelope {
  return {
    timestamp: { seconds: BigInt(timestamp.seconds), nanos: timestamp.nanos },
    namespace,
    topic,
    event: { typeUrl: event.type_url, value: Buffer.from(event.value_hex, 'hex') },
  };
}

function userLine(typeUrl: string, json: unknown): string | undefined {
  const value = types.find(typeUrl)!.encode(json);
  const timestamp = { seconds: 0n, nanos: 0 };
  return formatCtr({ timestamp, namespace: 'n', topic: '/t', event: { typeUrl, value } }, types);
}

describe('formatCtr', () => {
  for (const one of vectors.cases) {
    it(`prints ${one.event.type_url} ${one.event.value_hex} as ctr does`, () => {
      expect(formatCtr(envelope(one), types) ?? null).to.equal(one.line);
    });
  }

  for (const one of vectors.differences) {
    it(`differs from ctr where ${one.why}`, () => {
      expect(formatCtr(envelope(one), types) ?? null)
        .to.equal(one.ours)
        .and.not.to.equal(one.line);
    });
  }

  it('leaves out a time that our own event does not have', () => {
    expect(userLine('foghorn.v1.DockerRecording', { engine: '/run/docker.sock' })).to.match(
      /n \/t \{"engine":"\/run\/docker\.sock"\}$/,
    );
  });

  /** Lines that ctr printed for a real container's life, abbreviated ids apart. */
  const RECORDED: [typeUrl: string, json: unknown, line: string][] = [
    [
      'containerd.events.TaskExit',
      {
        container_id: 'ead0b6',
        id: 'ead0b6',
        pid: 23508,
        exited_at: '2026-11-21T22:18:38.199020854Z',
      },
      '1970-01-01 00:00:00 +0000 UTC n /t {"container_id":"ead0b6","id":"ead0b6","pid":23508,"exited_at":"2026-11-21T22:18:38.199020854Z"}',
    ],
    [
      'containerd.events.TaskCreate',
      { container_id: '004bbe', bundle: '/b', io: { stdin: '/i', terminal: true }, pid: 26698 },
      '1970-01-01 00:00:00 +0000 UTC n /t {"container_id":"004bbe","bundle":"/b","io":{"stdin":"/i","terminal":true},"pid":26698}',
    ],
  ];
  for (const [typeUrl, json, line] of RECORDED) {
    it(`prints a recorded ${typeUrl}`, () => {
      expect(userLine(typeUrl, json)).to.equal(line);
    });
  }

  it('prints an envelope without event with nothing after the topic', () => {
    const timestamp = { seconds: 1n, nanos: 0 };
    expect(formatCtr({ timestamp, namespace: 'n', topic: '/t', event: undefined }, types)).to.equal(
      '1970-01-01 00:00:01 +0000 UTC n /t ',
    );
  });

  it("prints a missing timestamp as Go's zero time", () => {
    const line = { namespace: 'n', topic: '/t', event: undefined };
    expect(formatCtr({ timestamp: undefined, ...line }, types)).to.equal(
      '0001-01-01 00:00:00 +0000 UTC n /t ',
    );
  });

  it('has no line for a time that cannot be', () => {
    for (const timestamp of [
      { seconds: 0n, nanos: 1_000_000_000 },
      { seconds: 253402300800n, nanos: 0 },
      { seconds: 2n ** 63n - 1n, nanos: 0 },
    ]) {
      expect(
        formatCtr({ timestamp, namespace: 'n', topic: '/t', event: undefined }, types),
      ).to.equal(undefined);
    }
  });

  it('prints a user type as Go would print its struct', () => {
    const json = {
      colors: { b: 'COLOR_RED', a: 'COLOR_UNSPECIFIED' },
      color: 'COLOR_RED',
      raw: 'aGk=',
      big: '18446744073709551615',
      counts: [0, 1],
      seen_at: '1970-01-01T00:00:01Z',
      ratio: 0.5,
      done: true,
    };
    expect(userLine('sample.v1.Sample', json)).to.equal(
      '1970-01-01 00:00:00 +0000 UTC n /t {"counts":[0,1],"colors":{"a":0,"b":1},"seen_at":"1970-01-01T00:00:01Z","ratio":0.5,"raw":"aGk=","big":18446744073709551615,"color":1,"done":true}',
    );
  });
});
