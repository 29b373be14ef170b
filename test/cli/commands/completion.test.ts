import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { allCommands, commandTree } from '../../../cli/commands/completion/command-tree.js';
import { buildProgram } from '../../../cli/program.js';
import { events, pack } from '../../../client/index.js';
import { TestBroker } from '../test-broker.js';
import { foghorn, testTerminal } from '../test-terminal.js';

/** Returns bash's completions at the end of each line. */
async function offers(lines: readonly string[]): Promise<string[][]> {
  const { stdout: script } = await foghorn(['completion', 'bash']);
  const asking = lines.map((line) => {
    // bash splits at "=" and ":", too.
    const words: string[] = line.match(/[^ =:]+|[=:]+/g) ?? [];
    if (/[ =:]$/.test(line)) words.push("''");
    return `
      COMP_LINE='${line}'
      COMP_POINT=\${#COMP_LINE}
      COMP_WORDS=(${words.join(' ')})
      COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      _foghorn
      echo "\${COMPREPLY[*]}"`;
  });
  const output = execFileSync('bash', ['-c', [script, ...asking].join('\n')], { encoding: 'utf8' });
  return output
    .split('\n')
    .slice(0, -1)
    .map((words) => words.split(' '));
}

const COMMANDS = allCommands(commandTree(await buildProgram(testTerminal(), { exitCode: 0 })));

/** Flags whose values nothing can know. */
const FREE = [
  ...['--after', '--as', '--docker-api', '--exec', '--group', '--jobs', '--json', '--last'],
  ...['--limit', '--name', '--pid', '--reason', '--retain-count', '--tries'],
];

describe('foghorn completion', () => {
  it('makes bash complete commands, flags and their values', async () => {
    const [commands, flag, format, below, shells, afterValue, free, nested, spool] = await offers([
      'foghorn ',
      'foghorn events --fo',
      'foghorn -a unix:///x events --format j',
      'foghorn record c',
      'foghorn completion ',
      'foghorn -n events des',
      'foghorn events --limit ',
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
      'help',
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

  const values: [line: string, offered: string[]][] = [
    ['foghorn events --format=', ['table', 'ctr', 'json', 'docker', 'cloudevents', 'csv']],
    ['foghorn events --format=cl', ['cloudevents']],
    ['foghorn exits --since t', ['today']],
    ['foghorn serve --retain-age 7', ['7d']],
    ['foghorn serve --store me', ['memory:']],
    ['foghorn serve --store=lm', ['lmdb:']],
    ['foghorn serve --record d', ['docker=']],
    ['foghorn bridge doc', ['docker']],
    ['foghorn bridge docker --sta', ['--state']],
    ['foghorn help cons', ['consumers']],
    ['foghorn consumers help par', ['parked']],
    ['foghorn access check re', ['read']],
    ['foghorn wait -', ['--any', '--exec', '-a']],
  ];
  it('makes bash complete values after a space or "=", and names by any alias', async () => {
    const offered = await offers(values.map(([line]) => line));
    for (const [index, [line, expected]] of values.entries()) {
      expect(offered[index], line).to.include.members(expected);
      if (!line.endsWith('-')) expect(offered[index], line).to.have.lengthOf(expected.length);
    }
  });

  it('knows where the values of every flag and argument come from', () => {
    const unknown = COMMANDS.flatMap(({ path, flags }) =>
      flags
        .filter(({ takesValue, values: { kind } }) => takesValue && kind === 'free')
        .filter(({ long }) => !FREE.includes(long))
        .map(({ long }) => `${path} ${long}`),
    );
    expect(unknown).to.deep.equal([]);
    const named = COMMANDS.flatMap(({ path, arguments: list }) =>
      list.flatMap(({ values: source }) => (source.kind === 'asked' ? [path, source.what] : [])),
    );
    expect(named.join(' '))
      .to.contain('foghorn wait containers')
      .and.contain('foghorn on consumers');
  });

  for (const shell of ['zsh', 'fish']) {
    it(`names every command and flag for ${shell}`, async () => {
      const { stdout, exitCode } = await foghorn(['completion', shell]);
      expect(exitCode).to.equal(0);
      for (const { name, flags } of COMMANDS) {
        expect(stdout).to.contain(name);
        for (const { long } of flags)
          expect(stdout).to.contain(shell === 'zsh' ? long : `-l ${long.slice(2)}`);
      }
    });
  }
});

describe('foghorn __complete', () => {
  const broker = new TestBroker();

  before(async () => {
    await broker.start();
    const { client } = broker;
    const image = 'docker.io/library/nginx:latest';
    const create = pack(events.ContainerCreate, { id: 'web', image });
    await client.publish({ namespace: 'moby', topic: '/containers/create', event: create });
    const odd = pack(events.ContainerCreate, { id: 'odd', image: 'a\nb\tc' });
    await client.publish({ namespace: 'odd', topic: '/containers/create', event: odd });
    await client.publish({ topic: '/jobs/done' });
    await client.consumers.create('alert');
  });
  after(() => broker.remove());

  /** The values that are offered after these words. */
  async function offered(kind: string, ...words: readonly string[]): Promise<string[]> {
    const args = ['-a', broker.address, '__complete', kind, ...words];
    const { exitCode, stderr, stdout } = await foghorn(args);
    expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
    return stdout.split('\n').flatMap((line) => line.split('\t')[0] ?? []);
  }

  it('prints what the broker knows', async () => {
    expect(await offered('containers', 'wait')).to.include('web');
    expect(await offered('images', 'events', '--wide')).to.include(
      'docker.io/library/nginx:latest',
    );
    expect(await offered('namespaces')).to.include.members(['default', 'moby']);
    expect(await offered('topics', 'events', '--topic=/a')).to.include.members([
      '/jobs/done',
      '/tasks/exit',
    ]);
    expect(await offered('consumers', 'consumers', 'show')).to.include('alert');
    expect(await offered('types')).to.include('containerd.events.TaskExit');
    expect(await offered('contexts')).to.include('default');
  });

  it('prints one line for a value, whatever its description is', async () => {
    const args = ['-a', broker.address, '-n', 'odd', '__complete', 'containers'];
    expect((await foghorn(args)).stdout).to.match(/^odd\t[^\n\t]*a b c\n$/);
  });

  it('prints the containers of the namespace that the line names', async () => {
    expect(await offered('containers', '-n', 'moby', 'wait')).to.include('web');
    expect(await offered('containers', '-n', 'default', 'wait')).to.not.include('web');
  });

  it('prints nothing for a broker that is away', async () => {
    const away = ['-a', `${broker.address}.gone`, 'wait'];
    expect(await offered('containers', ...away)).to.deep.equal(['']);
    expect(await offered('topics', ...away)).to.include('/tasks/exit');
  });
});
