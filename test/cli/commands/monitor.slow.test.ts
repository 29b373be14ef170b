import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { cwd, env, getuid } from 'node:process';
import { expect } from 'chai';
import { spoolDirectory } from '../../../cli/defaults.js';
import { connect, events, nanosFromTimestamp } from '../../../client/index.js';
import type { Entry } from '../../../client/index.js';
import type { Child } from '../../support/processes/child.js';
import { Cleanup } from '../../support/processes/cleanup.js';
import { BrokerProcess } from '../../support/processes/broker-process.js';
import { entriesOf } from '../../../torture/kill-broker/history-check.js';
import { eventually } from '../../support/eventually.js';

describe('foghorn monitor', function () {
  this.timeout(60_000);

  const cleanup = new Cleanup();
  let broker: BrokerProcess;

  beforeEach(async () => {
    broker = await BrokerProcess.create(cleanup);
  });

  afterEach(() => cleanup.run());

  /** With a spool beside the broker's socket, unless the arguments name one. */
  function monitor(args: readonly string[], input = ''): Promise<Child> {
    const words = ['monitor', '--spool', broker.file('spool'), ...args];
    return broker.run(words, { input: Buffer.from(input) });
  }

  /** Makes the default spool one that goes away with the test. */
  function useOwnState(): void {
    const { XDG_STATE_HOME: before } = env;
    env.XDG_STATE_HOME = broker.file('state');
    const surroundings = { uid: getuid?.() ?? 0, home: '', directory: '', temp: '', env };
    const spool = spoolDirectory(broker.address, surroundings);
    cleanup.defer(() => {
      rmSync(spool, { recursive: true, force: true });
      if (before === undefined) delete env.XDG_STATE_HOME;
      else env.XDG_STATE_HOME = before;
    });
  }

  async function run(args: readonly string[], input = '') {
    const child = await monitor(args, input);
    const { code } = await child.exited;
    return { code, stdout: child.stdout, stderr: child.stderr };
  }

  async function foghorn(...args: string[]): Promise<string[]> {
    return (await (await broker.run(args)).succeeded()).stdout;
  }

  /** Uses a new connection: an older one may not have noticed yet that the broker was killed. */
  async function history(): Promise<Entry[]> {
    const client = connect({ address: broker.address });
    try {
      return await entriesOf(client, { start: 'earliest', stopWhenCaughtUp: true });
    } finally {
      await client.close();
    }
  }

  async function exits() {
    const entries = (await history()).filter(({ topic }) => topic === '/tasks/exit');
    return entries.map(({ event }) => {
      const { containerId, id, pid, exitStatus } = events.TaskExit.decode(event!.value);
      expect(id).to.equal(containerId);
      return { containerId, pid, exitStatus };
    });
  }

  it('reports create, start and exit with its own times, in its namespace', async () => {
    await broker.start();
    const before = BigInt(Date.now()) * 1_000_000n;
    const child = await broker.run([
      '-n',
      'jobs',
      'monitor',
      '--spool',
      broker.file('spool'),
      '--',
      '/bin/sh',
      '-c',
      'exit 3',
    ]);
    expect(await child.exited).to.deep.equal({ code: 3, signal: null });
    expect(child.stderr).to.deep.equal([]);
    const entries = await history();
    expect(entries.map(({ namespace, topic }) => `${namespace} ${topic}`)).to.deep.equal([
      'jobs /tasks/create',
      'jobs /tasks/start',
      'jobs /tasks/exit',
    ]);
    const [create, start, exit] = entries.map(({ event }) => event!.value);
    const { pid } = events.TaskStart.decode(start!);
    expect(pid).to.be.above(1);
    expect(events.TaskCreate.decode(create!)).to.deep.include({
      containerId: 'sh',
      bundle: cwd(),
      pid,
    });
    const { exitedAt, ...rest } = events.TaskExit.decode(exit!);
    expect(rest).to.deep.equal({ containerId: 'sh', id: 'sh', pid, exitStatus: 3 });
    const times = [...entries.map(({ timestamp }) => timestamp!), exitedAt!];
    const nanos = times.map(nanosFromTimestamp);
    expect(nanos[0]! >= before && nanos[1]! > nanos[0]! && nanos[2]! > nanos[1]!).to.equal(true);
    expect(nanos[3]).to.equal(nanos[2]);
  });

  it('reports the end of a run although the broker was killed meanwhile, and finds it among the runs', async () => {
    useOwnState();
    await broker.start();
    const go = broker.file('go');
    const script = `while [ ! -e ${go} ]; do sleep 0.02; done; exit 1`;
    const words = ['monitor', '--container', 'backup', '--', 'sh', '-c'];
    const first = await broker.run([...words, script]);
    await eventually(async () => (await history()).length === 2);
    await broker.end('SIGKILL');
    writeFileSync(go, '');
    expect(await first.exited).to.deep.equal({ code: 1, signal: null });
    expect(first.stderr.join()).to.match(/cannot reach the broker; the exit is kept in \S+/);

    await broker.start();
    expect(await foghorn('wait', 'backup', '--timeout', '30s')).to.deep.equal(['1']);
    const second = await broker.run([...words, 'exit 0']);
    await second.succeeded();
    const start = (await history()).find(({ topic }) => topic === '/tasks/start')!;
    const pid = String(events.TaskStart.decode(start.event!.value).pid);
    expect(await foghorn('wait', 'backup')).to.deep.equal(['0']);
    expect(await foghorn('wait', 'backup', '--pid', pid)).to.deep.equal(['1']);
    expect(await foghorn('wait', 'backup', '--after', start.cursor)).to.deep.equal(['1']);
    expect(await exits()).to.have.length(2);
  });

  it('runs without a broker, and keeps the reports in the spool', async () => {
    const { code, stderr } = await run(['--', 'sh', '-c', 'exit 7']);
    expect(code).to.equal(7);
    expect(stderr).to.have.length(1);
    await broker.start();
    await foghorn('forward', '--spool', broker.file('spool'));
    expect((await exits()).map(({ exitStatus }) => exitStatus)).to.deep.equal([7]);
    expect(await history()).to.have.length(3);
  });

  it('exits with 128 + n when signal n ended the command, and reports the same', async () => {
    await broker.start();
    const { code } = await run(['--', 'sh', '-c', 'kill -KILL $$']);
    expect(code).to.equal(137);
    expect((await exits()).map(({ exitStatus }) => exitStatus)).to.deep.equal([137]);
  });

  it('reports a command that cannot be run as an exit', async () => {
    await broker.start();
    const missing = await run(['--container', 'a', '--', '/no/such/command']);
    expect(missing.code).to.equal(127);
    expect(missing.stderr.join()).to.contain('/no/such/command: no such command');
    const useless = await run(['--container', 'b', '--', '/dev/null']);
    expect(useless.code).to.equal(126);
    expect(useless.stderr.join()).to.contain('/dev/null: it is not executable');
    expect(await exits()).to.deep.equal([
      { containerId: 'a', pid: 0, exitStatus: 127 },
      { containerId: 'b', pid: 0, exitStatus: 126 },
    ]);
    expect(await foghorn('wait', 'a')).to.deep.equal(['127']);
    const shown = await foghorn('exits', '--format', 'json');
    expect(shown.map((line) => JSON.parse(line) as object)).to.have.nested.property(
      '[0].failedToStart',
      true,
    );
  });

  it('passes signals on to the command and survives them', async () => {
    const names = ['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'ALRM', 'TERM'];
    const traps = names.map((name) => `trap 'echo ${name}' ${name};`).join(' ');
    const go = broker.file('go');
    const script = `${traps} echo ready; until [ -e ${go} ]; do sleep 0.02; done; exit 4`;
    const child = await monitor(['--', 'sh', '-c', script]);
    await child.until('start', () => child.stdout.includes('ready'));
    for (const name of names) {
      child.signal(`SIG${name}` as NodeJS.Signals);
      await child.until(`pass on ${name}`, () => child.stdout.includes(name));
    }
    writeFileSync(go, '');
    expect((await child.exited).code).to.equal(4);
    expect(child.stdout).to.deep.equal(['ready', ...names]);
  });

  it('reports that the end is lost when it is itself killed', async () => {
    await broker.start();
    const child = await monitor(['--container', 'job', '--', 'sh', '-c', 'echo go; sleep 10']);
    await child.until('begin', () => child.stdout.includes('go'));
    await eventually(async () => (await history()).some(({ topic }) => topic === '/tasks/start'));
    const early = await broker.run(['wait', 'job', '--timeout', '30s']);
    await child.end('SIGKILL');
    const { code } = await early.exited;
    expect(code).to.equal(1);
    expect(early.stderr.join('\n')).to.include('`foghorn monitor` was killed');
  });

  it('leaves input, output and everything after -- to the command', async () => {
    const script = 'printf "%s," "$@"; echo; cat';
    const args = ['--', 'sh', '-c', script, 'name', '-n', 'x', '--help', '--', '--container'];
    const { code, stdout } = await run(args, 'from stdin\n');
    expect(code).to.equal(0);
    expect(stdout).to.deep.equal(['-n,x,--help,--,--container,', 'from stdin']);
  });

  it('reports without a spool that cannot be used, and exits with the same code', async () => {
    const file = broker.file('file');
    writeFileSync(file, '');
    const args = ['--spool', file, '--', 'sh', '-c', 'exit 5'];
    const alone = await run(args);
    expect(alone.code).to.equal(5);
    expect(alone.stderr.join('\n')).to.match(/lost the event \/tasks\/exit: cannot reach/);
    await broker.start();
    expect((await run(args)).code).to.equal(5);
    expect((await exits()).map(({ exitStatus }) => exitStatus)).to.deep.equal([5]);
    expect(existsSync(file)).to.equal(true);
  });
});
