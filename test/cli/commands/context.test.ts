import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../../cli/program.js';
import { TestBroker } from '../test-broker.js';
import { testTerminal, type Outcome } from '../test-terminal.js';

describe('foghorn context', () => {
  let directory: string;
  let broker: TestBroker;

  before(async () => {
    broker = await new TestBroker().start();
    await broker.client.publish({ namespace: 'jobs', topic: '/a' });
    await broker.client.publish({ namespace: 'other', topic: '/b' });
  });
  after(() => broker.remove());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-context-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  async function foghorn(args: string, env: Record<string, string> = {}): Promise<Outcome> {
    // Not root, whose broker may run on this machine.
    const terminal = testTerminal({ uid: 1000 });
    const own = { XDG_CONFIG_HOME: directory, XDG_RUNTIME_DIR: directory };
    Object.assign(terminal.surroundings.env, own);
    Object.assign(terminal.surroundings, { directory: '/work' });
    const before = { ...process.env };
    // commander reads the variables of the process.
    Object.assign(process.env, env);
    try {
      return { exitCode: await run(terminal, args.split(' ')), ...terminal.output };
    } finally {
      for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
    }
  }

  async function prints(args: string, env?: Record<string, string>): Promise<string> {
    const { exitCode, stdout, stderr } = await foghorn(args, env);
    expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
    return stdout;
  }

  const EVENTS = 'events --no-follow --since 1h --format {{.Topic}}';

  it('names the broker and the namespace of commands', async () => {
    await prints(`context add here -a ${broker.address} -n jobs`);
    await prints('context add away -a unix:///nowhere/f.sock');
    expect(await prints(`--context here ${EVENTS}`)).to.equal('/a\n');
    expect(await prints(EVENTS, { FOGHORN_CONTEXT: 'here' })).to.equal('/a\n');
    expect(await prints(`-n other --context here ${EVENTS}`)).to.equal('/b\n');
    await prints('context use here');
    expect(await prints(EVENTS)).to.equal('/a\n');
    expect((await foghorn(`--context away ${EVENTS}`)).stderr).to.contain('/nowhere/f.sock');
    expect((await foghorn(EVENTS, { FOGHORN_CONTEXT: 'away' })).exitCode).to.equal(1);
    await prints('context use default');
    expect((await foghorn(EVENTS)).stderr).to.contain(join(directory, 'foghorn/foghorn.sock'));
  });

  it('counts for no command that is given an address, so that its token stays with it', async () => {
    await prints('context add away -a broker:1 --tls-ca ca.pem --token-file secret/token');
    await prints('context use away');
    expect(await prints(`-a ${broker.address} -n jobs ${EVENTS}`)).to.equal('/a\n');
    expect(await prints(EVENTS, { FOGHORN_ADDRESS: broker.address })).to.equal('/a\n/b\n');
    const { exitCode, stderr } = await foghorn(`--context away -a ${broker.address} ps`);
    expect({ exitCode, stderr }).to.deep.equal({
      exitCode: 2,
      stderr: 'foghorn: expected --context or --address, not both\n',
    });
    const file = join(directory, 'foghorn/contexts.json');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal({
      current: 'away',
      contexts: {
        away: { address: 'broker:1', tlsCa: '/work/ca.pem', tokenFile: '/work/secret/token' },
      },
    });
  });

  it('takes its own files instead of those of variables', async () => {
    await prints(`context add here -a ${broker.address}`);
    const env = { FOGHORN_TOKEN_FILE: '/nowhere/token', FOGHORN_ADDRESS: 'other:1' };
    expect(await prints(`--context here -n jobs ${EVENTS}`, env)).to.equal('/a\n');
  });

  it('lists, replaces and removes contexts', async () => {
    await prints('context add b -a b:1 -n moby');
    await prints('context add a -a a:1 --tls-ca ca.pem');
    await prints('context add a -a a:2 --tls-ca ca.pem');
    await prints('context use b');
    const lines = (await prints('context ls')).split('\n').map((line) => line.split(/ {2,}/));
    expect(lines).to.deep.equal([
      ['NAME', 'ADDRESS', 'NAMESPACE', 'TLS', 'TOKEN'],
      ['a', 'a:2', '/work/ca.pem'],
      ['b *', 'b:1', 'moby'],
      [''],
    ]);
    const terminal = testTerminal({ terminals: { stdout: true } });
    Object.assign(terminal.surroundings.env, { XDG_CONFIG_HOME: directory });
    await run(terminal, ['context', 'ls']);
    expect(terminal.output.stdout).to.match(/^\u001b\[1mNAME/);
    await prints('context rm b');
    expect(await prints('context ls')).to.match(/^NAME.*\na .*\n$/);
  });

  it('says what it has changed', async () => {
    const machine = 'the broker of this machine';
    expect(await prints('context add a -a a:1')).to.equal('added context a: a:1\n');
    expect(await prints('context add a -a a:2')).to.equal('replaced context a: a:2\n');
    const use = 'commands that name no broker use';
    expect(await prints('context use a')).to.equal(`${use} context a now\n`);
    expect(await prints('context use default')).to.equal(`${use} ${machine} now\n`);
    await prints('context use a');
    expect(await prints('context rm a')).to.equal(
      `removed context a, which was in use: commands use ${machine} now\n`,
    );
  });

  it('marks the one of FOGHORN_CONTEXT, which counts instead of the one in use', async () => {
    await prints('context add a -a a:1');
    await prints('context add b -a b:1');
    await prints('context use a');
    expect(await prints('context ls', { FOGHORN_CONTEXT: 'b' })).to.match(/\na .*\nb \* .*\n$/);
    expect(await prints('context ls', { FOGHORN_CONTEXT: 'default' })).to.not.contain('*');
  });

  it('is part of an installed unit', async () => {
    await prints(`context add here -a ${broker.address}`);
    await prints('context use here');
    const terminal = testTerminal({ uid: 1000 });
    Object.assign(terminal.surroundings.env, { XDG_CONFIG_HOME: directory });
    Object.assign(terminal.surroundings, { program: ['/usr/bin/foghorn'] });
    expect(await run(terminal, ['on', 'x', '--install', '--', 'true'])).to.equal(0);
    const unit = readFileSync(join(directory, 'systemd/user/foghorn-on-x.service'), 'utf8');
    expect(unit).to.contain('Environment="FOGHORN_CONTEXT=here"\n');
  });

  const REFUSED: [args: string, code: number, text: string][] = [
    ['--context nope ps', 2, 'no context is named nope: known are here'],
    ['context use nope', 2, 'no context is named nope: known are here'],
    ['context rm nope', 2, 'no context is named nope: known are here'],
    ['context add default -a a:1', 2, 'context "default": expected 1 to 63 letters'],
    ['context add a/b -a a:1', 2, 'context "a/b": expected 1 to 63 letters'],
    ['context add a', 2, 'expected --address'],
    ['context add a -a a:1 --tls-key k.pem', 2, 'expected both --tls-cert and --tls-key'],
    ['-a a:1 --tls-key k.pem ps', 2, 'expected both --tls-cert and --tls-key'],
    ['context add a -a nothing', 2, 'expected unix:///path or host:port'],
  ];
  for (const [args, code, text] of REFUSED) {
    it(`refuses ${args}`, async () => {
      await prints('context add here -a a:1');
      const { exitCode, stderr } = await foghorn(args);
      expect(exitCode).to.equal(code);
      expect(stderr).to.contain(text);
    });
  }

  it('says which file is damaged', async () => {
    await prints('context add here -a a:1');
    const file = join(directory, 'foghorn/contexts.json');
    for (const text of ['{', 'null', '{"contexts":{"a":{}}}', '{"contexts":{"a":null}}', '[]']) {
      writeFileSync(file, text);
      const { exitCode, stderr } = await foghorn('ps');
      expect(exitCode).to.equal(1);
      expect(stderr).to.contain(`${file}: expected contexts as foghorn context writes them`);
    }
  });
});
