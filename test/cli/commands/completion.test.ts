import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { allCommands, commandTree } from '../../../cli/commands/completion/command-tree.js';
import { buildProgram } from '../../../cli/program.js';
import { foghorn, testTerminal } from '../test-terminal.js';

/** Returns bash's completions at the end of each line. */
async function offers(lines: readonly string[]): Promise<string[][]> {
  const { stdout: script } = await foghorn(['completion', 'bash']);
  const asking = lines.map(
    (line) => `
      COMP_WORDS=(${line.endsWith(' ') ? `${line}''` : line})
      COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      _foghorn
      echo "\${COMPREPLY[*]}"`,
  );
  const output = execFileSync('bash', ['-c', [script, ...asking].join('\n')], { encoding: 'utf8' });
  return output
    .split('\n')
    .slice(0, -1)
    .map((words) => words.split(' '));
}

describe('foghorn completion', () => {
  it('makes bash complete commands, flags and their values', async () => {
    const [commands, flag, format, below, shells, afterValue, free, nested, spool] = await offers([
      'foghorn ',
      'foghorn events --fo',
      'foghorn -a unix:///x events --format j',
      'foghorn record c',
      'foghorn completion ',
      'foghorn -n events des',
      'foghorn events --since ',
      'foghorn record containerd --st',
      'foghorn monitor --sp',
    ]);
    expect(commands).to.include.members([
      'serve',
      'events',
      'publish',
      'wait',
      'monitor',
      'record',
      'completion',
      '-a',
    ]);
    expect(flag).to.deep.equal(['--format']);
    expect(format).to.deep.equal(['json']);
    expect(below).to.deep.equal(['containerd']);
    expect(shells).to.include.members(['bash', 'zsh', 'fish']).and.not.include('--address');
    // "events" is the namespace here, not the command.
    expect(afterValue).to.deep.equal(['describe']);
    expect(free).to.deep.equal(['']);
    expect(nested).to.deep.equal(['--state']);
    expect(spool).to.deep.equal(['--spool']);
  });

  for (const shell of ['zsh', 'fish']) {
    it(`names every command and flag for ${shell}`, async () => {
      const { stdout, exitCode } = await foghorn(['completion', shell]);
      expect(exitCode).to.equal(0);
      for (const { name, flags } of allCommands(
        commandTree(await buildProgram(testTerminal(), { exitCode: 0 })),
      )) {
        expect(stdout).to.contain(name);
        for (const { long } of flags)
          expect(stdout).to.contain(shell === 'zsh' ? long : `-l ${long.slice(2)}`);
      }
    });
  }
});
