import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import { Spool } from '../../../client/spool/spool.js';
import { FoghornError } from '../../../protocol/errors.js';
import { TestServer } from '../../support/test-server.js';

describe('Spool', () => {
  let directory: string;
  const open_: Spool[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-spool-'));
  });

  afterEach(async () => {
    for (const spool of open_.splice(0)) await spool.close();
    rmSync(directory, { recursive: true });
  });

  async function openSpool(maxBytes?: number): Promise<Spool> {
    const spool = await Spool.open({ directory: join(directory, 'new/spool.v1'), maxBytes });
    open_.push(spool);
    return spool;
  }

  function texts(spool: Spool): string[] {
    return spool.head(100, 1000).map(({ envelope }) => Buffer.from(envelope).toString());
  }

  const bytes = (...words: string[]) => words.map((word) => Buffer.from(word));

  it('keeps pushed events in order, also when it is opened again', async () => {
    const spool = await openSpool();
    expect(spool.push(bytes('a', 'b'))).to.deep.equal([1, 2]);
    expect(spool.push(bytes('c'))).to.deep.equal([3]);
    await spool.close();
    open_.pop();
    const again = await openSpool();
    expect(texts(again)).to.deep.equal(['a', 'b', 'c']);
    again.remove([1, 2]);
    expect(texts(again)).to.deep.equal(['c']);
  });

  it('shows the changes of another instance, also in one process', async () => {
    const [one, other] = [await openSpool(), await openSpool()];
    one.push(bytes('a', 'b'));
    expect(texts(other)).to.deep.equal(['a', 'b']);
    other.remove([1]);
    expect(texts(one)).to.deep.equal(['b']);
    await other.close();
    open_.pop();
    expect(one.push(bytes('c'))).to.deep.equal([3]);
  });

  it('never reuses a number, so that a late removal removes nothing else', async () => {
    const spool = await openSpool();
    spool.push(bytes('a'));
    spool.remove([1]);
    expect(spool.push(bytes('b'))).to.deep.equal([2]);
    spool.remove([1]);
    expect(texts(spool)).to.deep.equal(['b']);
  });

  it('reads as many events as the limits allow, and at least one', async () => {
    const spool = await openSpool();
    spool.push(bytes('aaaa', 'bb', 'cc', 'dd'));
    expect(spool.head(2, 1000)).to.have.length(2);
    expect(spool.head(10, 8)).to.have.length(3);
    expect(spool.head(10, 1)).to.have.length(1);
  });

  it('refuses only the events beyond its limit, until there is space again', async () => {
    const spool = await openSpool(10);
    const [first, tooMuch, small] = spool.push(bytes('12345678', 'abc', 'xy'));
    expect([first, small]).to.deep.equal([1, 2]);
    expect(tooMuch).to.be.instanceOf(FoghornError).with.property('code', 'RESOURCE_EXHAUSTED');
    expect((tooMuch as Error).message).to.match(
      / is full: 8 bytes wait for the broker, the limit is 10$/,
    );
    expect(texts(spool)).to.deep.equal(['12345678', 'xy']);
    spool.remove([1, 1]);
    expect(spool.push(bytes('12345678'))).to.deep.equal([3]);
  });

  async function refusal(place = directory): Promise<string> {
    const failure: unknown = await Spool.open({ directory: place }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(FoghornError).with.property('code', 'FAILED_PRECONDITION');
    return (failure as Error).message;
  }

  it('adds all envelopes or none', async () => {
    const spool = await openSpool(5);
    spool.pushAll(bytes('a', 'b'));
    expect(() => {
      spool.pushAll(bytes('cc', 'dd'));
    })
      .to.throw(FoghornError, 'is full: 4 bytes wait for the broker, the limit is 5')
      .with.property('code', 'RESOURCE_EXHAUSTED');
    expect(texts(spool)).to.deep.equal(['a', 'b']);
    spool.pushAll(bytes('ccc'));
    expect(texts(spool)).to.deep.equal(['a', 'b', 'ccc']);
  });

  it('cannot be a file', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, 'x');
    expect(await refusal(file)).to.match(/EEXIST.*Make sure that it is a directory/);
  });

  it('cannot be a directory that may not be written to', async () => {
    // Nothing is forbidden to root but what the kernel itself made.
    const place = process.getuid?.() === 0 ? '/sys/spool' : join(directory, 'forbidden/spool');
    mkdirSync(join(directory, 'forbidden'));
    chmodSync(join(directory, 'forbidden'), 0o500);
    expect(await refusal(place)).to.include(
      'Make sure that it is a directory which can be written to',
    );
  });

  for (const [what, content] of [
    ['text', Buffer.from('no database'.repeat(1000))],
    ['a short file', Buffer.alloc(30)],
  ] as const) {
    it(`does not let LMDB loose on ${what}`, async () => {
      writeFileSync(join(directory, 'data.mdb'), content);
      expect(await refusal()).to.include('its data.mdb is not of a spool; give another directory');
    });
  }

  it("does not change a broker's store", async () => {
    const server = await TestServer.start({ store: `lmdb:${directory}` });
    await server.stop();
    expect(await refusal()).to.include('it holds something else than a spool');
    await (await TestServer.start({ store: `lmdb:${directory}` })).stop();
  });

  it('does not change a spool of another format', async () => {
    await (await Spool.open({ directory })).close();
    const root = open({ path: directory, noSubdir: false });
    root.openDB({ name: 'meta', encoding: 'json' }).putSync('format', 7);
    await root.close();
    expect(await refusal()).to.include(
      'another version of Foghorn made it (format 7, expected 1); drain it with that version',
    );
  });
});
