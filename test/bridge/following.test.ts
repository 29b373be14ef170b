import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../cli/program.js';
import { TestBroker } from '../cli/test-broker.js';
import { testTerminal, type TestTerminal } from '../cli/test-terminal.js';
import { ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import type { TestServer } from '../support/test-server.js';
import { startObserved } from '../support/troubles.js';
import { ScriptedEngine } from './docker/scripted-engine.js';

interface Recorder {
  readonly state: string;
  readonly since: string;
  readonly reason: string | null;
  readonly missed_spans: number | null;
  readonly spool: { readonly entries: number } | null;
}

describe('a recorder that reports to its broker whether it follows its daemon', () => {
  let server: TestServer;
  let terminal: TestTerminal;
  let exit: Promise<number>;

  beforeEach(async () => {
    server = await startObserved();
    terminal = testTerminal();
  });
  afterEach(async () => {
    terminal.interrupt();
    await exit;
    await server.stop();
  });

  function record(kind: string, from: string): void {
    const spool = join(server.directory, 'recorder');
    exit = run(terminal, ['-a', server.address, 'record', kind, '--from', from, '--spool', spool]);
  }

  /** Resolves with the only recorder, once it is in a state that it has reported. */
  async function untilIn(state: string): Promise<Recorder> {
    let found: Recorder | undefined;
    await eventually(async () => {
      const { body } = await new ApiClient(server.http).get('/v1/recorders');
      [found] = (body as { recorders: Recorder[] }).recorders;
      return found?.state === state && found.spool !== null;
    });
    return found!;
  }

  it('says so while a Docker engine comes, goes and comes back', async () => {
    const engine = new ScriptedEngine();
    record('docker', engine.address);
    const before = await untilIn('daemon_away');
    expect(before.reason).to.contain('is `dockerd` running? (no such socket)');
    await engine.start();
    const followed = await untilIn('attached');
    expect(followed).to.deep.include({ reason: null, missed_spans: 0 });
    expect(Date.parse(followed.since)).to.be.at.least(Date.parse(before.since));
    await engine.stop();
    await untilIn('daemon_away');
    await eventually(() => server.hasLogged('recorder: does not follow its daemon'));
    await engine.start();
    await untilIn('attached');
    expect(server.hasLogged('recorder: follows its daemon again')).to.equal(true);
    await engine.remove();
  });

  it('says so while a containerd comes, goes and comes back, with the spans that it missed', async () => {
    const source = await new TestBroker().start();
    record('containerd', source.address);
    expect((await untilIn('attached')).missed_spans).to.equal(0);
    await source.stop();
    expect((await untilIn('daemon_away')).reason).to.not.equal(null);
    await source.start();
    await untilIn('attached');
    await eventually(async () => (await untilIn('attached')).missed_spans === 1);
    await source.remove();
  });
});
