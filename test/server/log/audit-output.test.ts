import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditOutput } from '../../../server/log/audit-output.js';

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
});
