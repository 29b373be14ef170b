import { expect } from 'chai';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AuditOutput } from '../../../server/log/audit-output.js';
import { builtProgram } from '../../support/processes/build.js';

describe('the output of an audit', () => {
  let directory: string;
  let path: string;
  const problems: string[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-audit-'));
    path = join(directory, 'audit.jsonl');
    problems.length = 0;
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (): Promise<AuditOutput> =>
    AuditOutput.open(path, (problem) => {
      problems.push(problem);
    });

  it('refuses a path that cannot be written', async () => {
    mkdirSync(path);
    const refusal = await open().then(String, (error: unknown) => (error as Error).message);
    expect(refusal).to.match(/cannot write the audit to .*audit\.jsonl: EISDIR/);
  });

  it('goes on in a new file when the file is renamed', async () => {
    const output = await open();
    output.write('one\n');
    await output.close();
    renameSync(path, `${path}.1`);
    output.write('two\n');
    output.write('three\n');
    await output.close();
    expect(readFileSync(`${path}.1`, 'utf8')).to.equal('one\n');
    expect(readFileSync(path, 'utf8')).to.equal('two\nthree\n');
  });

  it('counts the lines that are lost, reports them once, and goes on', async () => {
    const output = await open();
    rmSync(directory, { recursive: true });
    for (const line of ['one\n', 'two\n']) {
      output.write(line);
      await output.close();
    }
    expect(output.lost).to.equal(2);
    expect(problems).to.have.length(1);
    expect(problems[0]).to.match(/^audit: lines are lost: ENOENT/);
    mkdirSync(directory);
    output.write('three\n');
    await output.close();
    expect(readFileSync(path, 'utf8').trim()).to.equal('three');
  });

  it('resolves its close when stdout has all lines', async () => {
    const script = `
      for (let i = 0; i < 20_000; i++) output.write(i + ' '.repeat(50) + '\\n');
      await output.close();
      process.exit();`;
    const { stdout } = await runOnStdout('pipe', script);
    expect(stdout.split('\n')).to.have.length(20_001);
  });

  it('counts the lines that stdout has no space for, and goes on', async () => {
    const full = openSync('/dev/full', 'w');
    const script = `
      for (const line of ['one\\n', 'two\\n']) {
        output.write(line);
        await output.close();
      }
      console.error('lost ' + output.lost);`;
    const { stderr, status } = await runOnStdout(full, script);
    closeSync(full);
    expect({ stderr, status }).to.deep.equal({
      stderr: 'audit: lines are lost: ENOSPC: no space left on device, write\nlost 2\n',
      status: 0,
    });
  });

  /** Runs a script that has an output to its own stdout. */
  async function runOnStdout(
    stdout: number | 'pipe',
    script: string,
  ): Promise<SpawnSyncReturns<string>> {
    const module = pathToFileURL(await builtProgram('server/log/audit-output')).href;
    const beginning = `
      import { AuditOutput } from ${JSON.stringify(module)};
      const output = await AuditOutput.open('-', (problem) => console.error(problem));`;
    return spawnSync(process.execPath, ['--input-type=module', '--eval', beginning + script], {
      ...{ stdio: ['ignore', stdout, 'pipe'], encoding: 'utf8', maxBuffer: 1 << 24 },
      timeout: 20_000,
    });
  }
});
