import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runMonitored } from '../../../../cli/commands/monitor/run-monitored.js';
import { eventually } from '../../../support/eventually.js';
import { foghorn, testTerminal } from '../../test-terminal.js';

describe('monitor at a terminal', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-monitor-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('leaves to the terminal the signals that it sends to the command itself', async () => {
    const stdin = Object.assign(testTerminal().stdin, { isTTY: true });
    const terminal = testTerminal({ stdin });
    const file = join(directory, 'signals');
    const note = (name: string) => `trap 'echo ${name} >> ${file}' ${name};`;
    const script = `${note('INT')} ${note('QUIT')} ${note('WINCH')} trap 'echo TERM >> ${file}; exit 3' TERM; : > ${file}; while :; do sleep 0.02; done`;
    const exitCode = runMonitored(
      {
        argv: ['sh', '-c', script],
        container: 'c',
        address: `unix://${directory}/absent.sock`,
        security: {},
        securityArguments: [],
        namespace: 'default',
        spool: join(directory, 'spool'),
        reportTimeout: 1000,
      },
      terminal,
    );
    await eventually(() => existsSync(file));
    for (const name of ['SIGINT', 'SIGQUIT', 'SIGWINCH', 'SIGTERM'] as const) terminal.signal(name);
    expect(await exitCode).to.equal(3);
    expect(readFileSync(file, 'utf8')).to.equal('TERM\n');
  });

  for (const [flag, value, expected] of [
    ['--container', 'x'.repeat(256), 'expected an id of 1 to 255 bytes without NUL'],
    ['--container', 'ä'.repeat(128), 'expected an id of 1 to 255 bytes without NUL'],
    ['--namespace', 'a b', "expected at most 76 letters, digits, '.', '_' and '-'"],
    ['--namespace', 'x'.repeat(77), "expected at most 76 letters, digits, '.', '_' and '-'"],
  ] as const) {
    it(`refuses ${flag} of ${Buffer.byteLength(value)} bytes that no broker takes, and runs nothing`, async () => {
      const file = join(directory, 'ran');
      const { stderr, exitCode } = await foghorn(['monitor', flag, value, '--', 'touch', file]);
      expect(stderr).to.contain(`foghorn: ${flag}: ${expected}, got "`);
      expect({ exitCode, ran: existsSync(file) }).to.deep.equal({ exitCode: 2, ran: false });
    });
  }
});
