import { expect } from 'chai';
import { inspectedContainer } from '../../../bridge/docker/inspected-container.js';
import { EXITED, inspection } from './inspection.js';

const ID = 'a'.repeat(64);
const NEVER = '0001-01-01T00:00:00Z';

describe('inspectedContainer', () => {
  it('reads a container that runs', () => {
    expect(inspectedContainer(inspection(ID, 'web'))).to.deep.equal({
      id: ID,
      name: 'web',
      image: 'busybox',
      labels: new Map([['tier', 'front']]),
      status: 'running',
      exitCode: undefined,
      createdAt: { seconds: 1_700_000_000n, nanos: 5 },
      startedAt: { seconds: 1_700_000_001n, nanos: 500_000_000 },
      finishedAt: undefined,
      oomKilled: false,
      imageId: '',
    });
  });

  it('reads how a container ended', () => {
    expect(inspectedContainer(inspection(ID, 'web', EXITED))).to.deep.include({
      status: 'exited',
      exitCode: 137,
      finishedAt: { seconds: 1_700_000_002n, nanos: 0 },
      oomKilled: true,
    });
  });

  for (const [what, state, exitCode] of [
    ['one that ended well', { ...EXITED, ExitCode: 0 }, 0],
    ['one that never ran', { Status: 'created', StartedAt: NEVER }, undefined],
    ['one that could not be started', { Status: 'created', ExitCode: 127, StartedAt: NEVER }, 127],
    ['one that runs again', { FinishedAt: '2023-11-14T22:13:19Z' }, undefined],
    ['one that is paused', { Status: 'paused' }, undefined],
  ] as const) {
    it(`gives ${exitCode ?? 'no'} exit code to ${what}`, () => {
      expect(inspectedContainer(inspection(ID, 'web', state))?.exitCode).to.equal(exitCode);
    });
  }

  for (const [engine, image, imageId] of [
    ['Docker', `sha256:${ID}`, `sha256:${ID}`],
    ['Podman', ID, `sha256:${ID}`],
    ['an engine that says a name', 'busybox:latest', ''],
    ['an engine that says nothing', undefined, ''],
  ] as const) {
    it(`reads the id of the image as ${engine} writes it`, () => {
      const answer = { ...inspection(ID, 'web'), Image: image };
      expect(inspectedContainer(answer)?.imageId).to.equal(imageId);
    });
  }

  it('reads an answer with only the required fields', () => {
    expect(inspectedContainer({ Id: ID, State: { Status: 'created' } })).to.deep.equal({
      id: ID,
      name: '',
      image: '',
      labels: new Map(),
      status: 'created',
      exitCode: undefined,
      createdAt: undefined,
      startedAt: undefined,
      finishedAt: undefined,
      oomKilled: false,
      imageId: '',
    });
  });

  for (const answer of [null, 'web', [], {}, { Id: ID }, { Id: 7, State: { Status: 'created' } }]) {
    it(`returns undefined for ${JSON.stringify(answer)}`, () => {
      expect(inspectedContainer(answer)).to.equal(undefined);
    });
  }
});
