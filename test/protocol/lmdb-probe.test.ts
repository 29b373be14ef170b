import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { probeEnvironment, probeFileSystem } from '../../protocol/lmdb-probe.js';

describe('the probe of LMDB', () => {
  const { NODE_OPTIONS } = process.env;
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-probe-'));
  });

  afterEach(() => {
    if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = NODE_OPTIONS;
    rmSync(directory, { recursive: true });
  });

  /** Makes every Node process that is started end with a signal. */
  function endWith(signal: NodeJS.Signals): void {
    const script = `process.kill(process.pid,'${signal}')`;
    process.env.NODE_OPTIONS = `--import data:text/javascript,${script}`;
  }

  it('finds nothing wrong with a file system that has what LMDB needs', () => {
    expect(probeFileSystem(directory)).to.equal(undefined);
    expect(readdirSync(directory)).to.deep.equal([]);
  });

  for (const signal of ['SIGSEGV', 'SIGBUS', 'SIGABRT'] as const) {
    it(`takes ${signal} for LMDB's failure`, () => {
      endWith(signal);
      expect(probeFileSystem(directory)).to.equal(`it ended with ${signal}`);
    });
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
    it(`concludes nothing from ${signal}, which comes from outside`, () => {
      endWith(signal);
      const text = `cannot tell whether LMDB works in ${directory}: the process that tried it was stopped with ${signal}. Try again.`;
      expect(() => probeFileSystem(directory)).to.throw(text);
      expect(() => probeEnvironment(directory)).to.throw(text);
      expect(readdirSync(directory)).to.deep.equal([]);
    });
  }
});
