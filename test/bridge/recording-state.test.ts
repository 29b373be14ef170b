import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { RecordingState } from '../../bridge/recording-state.js';

describe('RecordingState', () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-state-'));
    file = join(directory, 'below', 'state.json');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('restores the latest time, to the nanosecond', async () => {
    const first = await RecordingState.open(file, () => {});
    expect(first.followedUntil).to.equal(undefined);
    first.advance(1_700_000_000_000_000_005n);
    first.advance(5n);
    await first.close();
    expect(readFileSync(file, 'utf8')).to.equal(
      '{"followed_until":"2023-11-14T22:13:20.000000005Z"}\n',
    );
    const second = await RecordingState.open(file, () => {});
    expect(second.followedUntil).to.equal(1_700_000_000_000_000_005n);
    await second.close();
  });

  it('moves back only by moveTo', async () => {
    const state = await RecordingState.open(file, () => {});
    state.advance(7n);
    state.advance(6n);
    expect(state.followedUntil).to.equal(7n);
    state.moveTo(5n);
    expect(state.followedUntil).to.equal(5n);
    await state.close();
    expect(readFileSync(file, 'utf8')).to.contain('1970-01-01T00:00:00.000000005Z');
  });

  it('saves by itself within about a second', async () => {
    const state = await RecordingState.open(file, () => {});
    state.advance(5n);
    while (!existsSync(file)) await delay(20);
    await state.close();
  });

  it('closes in the middle of a write, and leaves the newest time', async () => {
    for (let n = 1; n <= 50; n++) {
      const said: string[] = [];
      const saving = await RecordingState.open(file, (text) => said.push(text));
      saving.moveTo(BigInt(2 * n));
      saving.moveTo(BigInt(2 * n + 1));
      await saving.close();
      expect(said).to.deep.equal([]);
      expect(readFileSync(file, 'utf8')).to.contain(`${String(2 * n + 1).padStart(9, '0')}Z`);
    }
  });

  it('reports a failed save, and fails when it is closed', async () => {
    const said: string[] = [];
    const state = await RecordingState.open(file, (text) => said.push(text));
    writeFileSync(join(directory, 'below'), 'a file where the directory should be');
    state.advance(5n);
    while (said.length === 0) await delay(20);
    expect(said[0]).to.match(/^cannot write the state: state .*state\.json: /);
    const failure = await state.close().catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'FAILED_PRECONDITION');
  });

  for (const text of ['', '{}', '{"followed_until":"yesterday"}']) {
    it(`refuses a file with ${JSON.stringify(text)}`, async () => {
      file = join(directory, 'state.json');
      writeFileSync(file, text);
      const failure = await RecordingState.open(file, () => {}).catch((error: unknown) => error);
      expect(failure)
        .to.be.instanceOf(Error)
        .with.property(
          'message',
          `state ${file}: expected {"followed_until":"<RFC 3339 time>"}; remove the file to start without a state`,
        );
    });
  }
});
