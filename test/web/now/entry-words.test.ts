import { expect } from 'chai';
import { subjectOf, type ShownEntry } from '../../../web/now/entry.js';
import { wordsOf } from '../../../web/now/entry-words.js';

const ID = 'a1'.repeat(32);
const entry = (topic: string, event: ShownEntry['event']): ShownEntry => ({
  cursor: 'x',
  namespace: 'moby',
  topic,
  ...(event && { event }),
});

describe('what happened, in words', () => {
  it('names the exit code, and the signal that it stands for', () => {
    const exit = (code: number): unknown =>
      wordsOf(entry('/tasks/exit', { container_id: ID, id: ID, exit_status: code }));
    expect(exit(0)).to.deep.equal({ text: 'exited 0', tone: 'good' });
    expect(exit(3)).to.deep.equal({ text: 'exited 3', tone: 'bad' });
    expect(exit(137)).to.deep.equal({ text: 'exited 137 (SIGKILL)', tone: 'bad' });
  });

  it('says which exec has ended', () => {
    const words = wordsOf(entry('/tasks/exit', { container_id: ID, id: 'sh1', exit_status: 2 }));
    expect(words.text).to.equal('exec sh1 exited 2');
  });

  it('takes the exit code of a die, not a label of that name', () => {
    const attributes = { exitCode: '7', name: 'web' };
    const die = entry('/docker/container/die', { type: 'container', action: 'die', attributes });
    expect(wordsOf(die)).to.deep.equal({ text: 'exited 7', tone: 'bad' });
    expect(subjectOf(die, undefined)).to.equal('web');
  });

  it('says what a recorder found out later', () => {
    const observed = (found: object): unknown =>
      wordsOf(entry('/foghorn/observed-run', { container_id: ID, pid: 7, ...found }));
    expect(observed({ ended: { exit_status: 7 } })).to.deep.equal({
      text: 'exited 7',
      tone: 'bad',
    });
    expect(observed({ ended: { exit_status: 0 } })).to.deep.equal({
      text: 'exited 0',
      tone: 'good',
    });
    expect(observed({ goes_on: {} })).to.deep.equal({ text: 'is running', tone: 'good' });
    expect(observed({ lost: { reason: 'host rebooted' } })) //
      .to.deep.equal({ text: 'lost: host rebooted', tone: 'bad' });
    expect(observed({ not_started: { exit_status: 127, reason: 'no such file' } })) //
      .to.deep.equal({ text: 'could not be started: no such file', tone: 'bad' });
    const exec = { container_id: ID, exec_id: 'sh1', ended: { exit_status: 3 } };
    expect(wordsOf(entry('/foghorn/observed-exec', exec)).text).to.equal('exec sh1 exited 3');
  });

  it('shows health, and other actions of an engine as things that have happened', () => {
    const docker = (topic: string, type: string, action: string): string =>
      wordsOf(entry(topic, { type, action, attributes: {} })).text;
    expect(docker('/docker/container/health_status', 'container', 'health_status: unhealthy'))
      .to //
      .equal('unhealthy');
    expect(docker('/docker/network/connect', 'network', 'connect')).to.equal('network connected');
    expect(docker('/docker/container/attach', 'container', 'attach')).to.equal('attached');
    expect(docker('/docker/container/top', 'container', 'top')).to.equal('top');
  });

  it('names the network that a container has joined, and the container', () => {
    const attributes = { container: ID, name: 'backend', type: 'bridge' };
    const event = { type: 'network', action: 'connect', actor_id: 'b2'.repeat(32), attributes };
    const joined = entry('/docker/network/connect', event);
    expect(wordsOf(joined).text).to.equal('network backend connected');
    expect(subjectOf(joined, 'web')).to.equal('web');
    expect(subjectOf(joined, undefined)).to.equal(ID.slice(0, 12));
  });

  it('names the signal that a container was sent', () => {
    const sent = (signal: string): string => {
      const event = { type: 'container', action: 'kill', attributes: { signal } };
      return wordsOf(entry('/docker/container/kill', event)).text;
    };
    expect(sent('15')).to.equal('signal sent: SIGTERM');
    expect(sent('64')).to.equal('signal sent: 64');
  });

  it('shows the topic of an event that nobody has described', () => {
    expect(wordsOf(entry('/billing/paid', { a: 1 })).text).to.equal('/billing/paid');
  });
});
