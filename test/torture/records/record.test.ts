import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PublisherLine } from '../../../torture/records/lines.js';
import { readRecord } from '../../../torture/records/record-reader.js';
import { RecordWriter } from '../../../torture/records/record-writer.js';

describe('a record', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-record-'));
    path = join(directory, 'publisher-p.jsonl');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function write(...lines: PublisherLine[]): void {
    const writer = new RecordWriter<PublisherLine>(path);
    for (const line of lines) writer.write(line);
    writer.close();
  }

  function kindsRead(): string[] {
    return readRecord<PublisherLine>(path).map(({ kind, ref }) => `${ref.line} ${kind}`);
  }

  it('contains the lines of several processes with their numbers and times', () => {
    write({ kind: 'begin' }, { kind: 'spooled', n: 1 });
    write({ kind: 'begin' });
    expect(kindsRead()).to.deep.equal(['1 begin', '2 spooled', '3 begin']);
    const [first, second] = readRecord<PublisherLine>(path);
    expect(first!.at).to.be.at.most(second!.at);
  });

  it('leaves out a line that was cut off when its writer was killed', () => {
    write({ kind: 'begin' });
    appendFileSync(path, '{"kind":"spoo');
    expect(kindsRead()).to.deep.equal(['1 begin']);
    write({ kind: 'begin' });
    expect(kindsRead()).to.deep.equal(['1 begin', '3 begin']);
  });

  it('is refused when a line is not JSON and its writer was not killed', () => {
    appendFileSync(path, '{"kind":"begin"}\n{"kind":"spoo\n{"kind":"spooled","n":1}\n');
    expect(() => kindsRead()).to.throw('publisher-p.jsonl:2 is no JSON');
  });

  it('is empty when its file does not exist', () => {
    expect(readRecord(path)).to.deep.equal([]);
  });
});
