import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../cli/program.js';
import { testTerminal } from './test-terminal.js';

const ADDRESS = ['-a', 'unix:///nowhere/foghorn.sock'];

describe('a command with a file or folder that cannot be used', () => {
  let directory: string;
  let file: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-paths-'));
    file = join(directory, 'file');
    writeFileSync(file, 'x');
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  /** `PATH` stands for a folder that cannot be made, and for a file where a folder is expected. */
  const commands = [
    ['record', 'docker', '--from', '/nowhere/docker.sock', '--spool', 'PATH'],
    ['record', 'containerd', '--from', '/nowhere/containerd.sock', '--spool', 'PATH'],
    ['publish', '--topic', '/a', '--json', '{}', '--spool', 'PATH'],
    ['serve', '--store-file', 'PATH', '--grpc', 'unix:///nowhere/s.sock'],
    ['--token-file', 'PATH', 'events', '--no-follow'],
    ['on', 'a', '--webhook', 'http://127.0.0.1:1', '--secret-file', 'PATH'],
    ['on', 'a', '--install', '--', 'true'],
    ['context', 'add', 'a'],
  ];
  for (const command of commands) {
    it(`says it in one line: ${command.join(' ')}`, async () => {
      for (const path of ['/proc/x', `${file}/in-a-file`]) {
        const terminal = testTerminal({ uid: 1000, stdin: '{}' });
        Object.assign(terminal.surroundings, { program: ['/usr/bin/foghorn'] });
        Object.assign(terminal.surroundings.env, { XDG_CONFIG_HOME: path });
        const args = command.map((part) => part.replace('PATH', path));
        const address = command[0] === 'serve' ? [] : ADDRESS;
        const exitCode = await run(terminal, [...address, ...args]);
        const { stderr } = terminal.output;
        const lines = stderr.split('\n').filter((line) => line.startsWith('foghorn: '));
        expect({ exitCode, stderr, lines: lines.length }).to.include({ exitCode: 1, lines: 1 });
        expect(stderr).to.contain(path).and.not.contain('    at ');
      }
    });
  }
});
