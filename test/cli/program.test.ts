import { expect } from 'chai';
import { buildProgram } from '../../cli/program.js';
import { allCommands, commandTree } from '../../cli/commands/completion/command-tree.js';
import { foghorn, testTerminal } from './test-terminal.js';

const COMMANDS = allCommands(commandTree(await buildProgram(testTerminal(), { exitCode: 0 })));

describe('the foghorn command', () => {
  for (const { path, commands } of COMMANDS) {
    it(`explains "${path}" with --help`, async () => {
      const words = path.split(' ').slice(1);
      const { exitCode, stdout, stderr } = await foghorn([...words, '--help']);
      expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
      expect(stdout).to.contain(`Usage: ${path}`);
      const examples = stdout.split('Examples:\n')[1]?.match(/foghorn /g) ?? [];
      // `foghorn bridge` only leads to the commands below it.
      if (commands.length === 0) expect(examples).to.have.length.at.least(2);
    });
  }

  it('prints its version', async () => {
    const { stdout } = await foghorn(['--version']);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect(await foghorn(['version'])).to.deep.equal({ exitCode: 0, stdout, stderr: '' });
  });

  it('explains a command with help', async () => {
    const explained = await foghorn(['events', '--help']);
    expect(await foghorn(['help', 'events'])).to.deep.equal(explained);
    const all = await foghorn(['help']);
    expect(all).to.deep.equal(await foghorn(['--help']));
    expect(all.stdout).to.contain('help [COMMAND]');
  });

  const misuses: [string[], RegExp][] = [
    [[], /Usage: foghorn/],
    [['evnets'], /unknown command 'evnets'/],
    [['help', 'evnets'], /unknown command 'evnets'\n\(Did you mean events\?\)/],
    [['help', 'zzzzzz'], /unknown command 'zzzzzz'/],
    [['token', 'new', ''], /Expected a value that is not empty/],
    [['events', '--sinse', '1m'], /unknown option '--sinse'/],
    [['events', '--since', 'never'], /--since <T>' argument 'never' is invalid/],
    [['events', '--since', '1m', '--after', 'x'], /cannot be used with option '--after/],
    [['events', '--limit', '0'], /Expected a whole number of 1 or more/],
    [['events', '--format', 'xml'], /Expected one of table, ctr, json/],
    [['-a', 'run/f.sock', 'events'], /expected unix:\/\/\/path or host:port/],
    [['publish'], /required option '--topic <T>' not specified/],
    [['publish', '--topic', '/a', '--type', 'T'], /--type needs --json/],
    [['record'], /Usage: foghorn record/],
    [['bridge'], /Usage: foghorn record/],
    [['bridge', 'containerd'], /required option '--from <ADDR>' not specified/],
    [['serve', '-a', 'unix:///a.sock'], /--address is for clients/],
    [['serve', '--grpc', 'a:1,b'], /address "b": expected unix:\/\/\/path or host:port/],
    [['serve', '--retain-age', '0'], /Expected a duration above 0, such as 30s, 12h or 7d/],
    [['serve', '--retain-exits', 'forever'], /expected a duration such as/],
    [['serve', '--retain-bytes', '1G'], /expected a size such as 512MiB, 1.5GiB or 2GB/],
    [['serve', '--retain-count', '0.5'], /Expected a whole number of 1 or more/],
    [['wait'], /missing required argument 'CONTAINER'/],
    [['wait', 'c', '--timeout', '0'], /Expected a duration above 0/],
    [['wait', 'c', '--pid', '4294967296'], /Expected a process id of at most 4294967295/],
    [['wait', 'c', '--pid', '1', '--next'], /'--pid <PID>' cannot be used with option '--next'/],
    [['wait', 'c', '--pid', '1', '--after', 'x'], /cannot be used with option '--after/],
    [['wait', 'c', '--after', 'x', '--next'], /cannot be used with option '--next'/],
    [['monitor'], /missing required argument 'COMMAND'/],
    [['monitor', '--container', 'c', '--'], /missing required argument 'COMMAND'/],
    [['monitor', '--', ''], /COMMAND: expected the name of a program/],
    [['completion', 'tcsh'], /Allowed choices are bash, zsh, fish/],
  ];
  for (const [args, text] of misuses) {
    it(`exits with 2 for "${['foghorn', ...args].join(' ')}"`, async () => {
      const { exitCode, stdout, stderr } = await foghorn(args);
      expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: '' });
      expect(stderr).to.match(text);
    });
  }

  it('exits with 2 when publish would read an event from a keyboard', async () => {
    const stdin = Object.assign(testTerminal().stdin, { isTTY: true });
    const { exitCode, stderr } = await foghorn(['publish', '--topic', '/a'], { stdin });
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('expected --json, or a serialized Any on stdin');
  });

  it('exits with 1 and names the address that it cannot reach', async () => {
    const { exitCode, stderr } = await foghorn(['-a', 'unix:///nowhere/f.sock', 'describe']);
    expect(exitCode).to.equal(1);
    expect(stderr).to.equal(
      'foghorn: cannot reach unix:///nowhere/f.sock: is `foghorn serve` running? (no such socket)\n',
    );
  });
});
