import { expect } from 'chai';
import { dockerTopic, RECORDING_KEY } from '../../../protocol/docker-event.js';
import {
  DockerContainer,
  DockerEvent,
  DockerRecording,
} from '../../../protos/gen/foghorn/v1/docker.js';
import { Any } from '../../../protos/gen/google/protobuf/any.js';
import { readEncodedAny } from '../../../protocol/wire/any.js';
import { subjectOf } from '../../../server/events/container-key.js';
import { fileEnvelope, type Filing } from '../../../server/events/filing.js';

function filingOf(topic: string, typeUrl: string, value: Uint8Array): Filing {
  const event = readEncodedAny(Any.encode({ typeUrl, value }).finish());
  return fileEnvelope('moby', topic, subjectOf(event));
}

/** Of an event as the bridge stores it: attributes come before and after what decides. */
function dockerFiling(type: string, action: string, actorId = 'c1'): Filing {
  const attributes = new Map([
    ['image', 'nginx'],
    ['name', 'über'],
  ]);
  const event = DockerEvent.fromPartial({ actorId, type, action, attributes, timeNano: 1n });
  const value = DockerEvent.encode(event).finish();
  return filingOf(dockerTopic(event), 'foghorn.v1.DockerEvent', value);
}

const LIFECYCLE = ['create', 'start', 'die', 'destroy', 'rename', 'pause', 'unpause', 'oom'];

const REST: readonly [type: string, action: string][] = [
  ['container', 'exec_create: sh -c true'],
  ['container', 'exec_start: sh -c true'],
  ['container', 'exec_die'],
  ['container', 'health_status: healthy'],
  ['container', 'kill'],
  ['container', 'stop'],
  ['container', 'Die'],
  ['container', ''],
  ['image', 'create'],
  ['volume', 'destroy'],
  ['network', 'create'],
  ['', 'die'],
];

describe('the filing of what a Docker engine tells', () => {
  const key = { namespace: 'moby', container: 'c1' };

  for (const action of LIFECYCLE) {
    it(`${action} of a container: lifecycle, lasting`, () => {
      const filing = dockerFiling('container', action);
      expect(filing).to.deep.equal({ key, isLifecycle: true, outlasts: true });
    });
  }

  for (const [type, action] of REST) {
    it(`"${action}" of "${type}": the rest, not lasting`, () => {
      const filing = dockerFiling(type, action);
      expect(filing).to.deep.equal({ key, isLifecycle: false, outlasts: false });
    });
  }

  it('is under the actor whatever it is called, and under none without one', () => {
    const reference = 'docker.io/library/nginx@sha256:00';
    expect(dockerFiling('image', 'pull', reference).key?.container).to.equal(reference);
    expect(dockerFiling('volume', 'create', 'größe').key?.container).to.equal('größe');
    for (const none of ['', 'x'.repeat(256), 'a\0b']) {
      const filing = dockerFiling('container', 'die', none);
      expect(filing).to.deep.equal({ key: undefined, isLifecycle: false, outlasts: true });
    }
  });

  it('goes by the last value of a field that comes twice, in whatever order fields come', () => {
    const partsOf = (...parts: Partial<DockerEvent>[]): Filing => {
      const bytes = parts.map((part) => DockerEvent.encode(DockerEvent.fromPartial(part)).finish());
      return filingOf('/docker/container/die', 'foghorn.v1.DockerEvent', Buffer.concat(bytes));
    };
    const filing = { key, isLifecycle: true, outlasts: true };
    expect(partsOf({ action: 'die' }, { type: 'container' }, { actorId: 'c1' })).to.deep.equal(
      filing,
    );
    const image = { actorId: 'c1', type: 'image', action: 'die' };
    expect(partsOf(image, { type: 'container' })).to.deep.equal(filing);
    expect(partsOf({ ...image, type: 'container' }, { type: 'image' })).to.deep.equal({
      ...filing,
      isLifecycle: false,
    });
  });
});

describe('the filing of a recording', () => {
  const topic = '/foghorn/docker-recording';
  const filing = {
    key: { namespace: 'moby', container: RECORDING_KEY },
    isLifecycle: true,
    outlasts: true,
  };

  it('is under one key for all engines, whatever it says', () => {
    for (const engine of ['', '/run/docker.sock', 'c1']) {
      const missingFrom = { seconds: 5n, nanos: 0 };
      const recording = DockerRecording.fromPartial({ engine, missingFrom });
      const value = DockerRecording.encode(recording).finish();
      expect(filingOf(topic, 'foghorn.v1.DockerRecording', value)).to.deep.equal(filing);
    }
    const empty = new Uint8Array();
    expect(filingOf(topic, 'foghorn.v1.DockerRecording', empty)).to.deep.equal(filing);
  });

  it('is under none when the bytes are no recording', () => {
    const value = Buffer.from('0aff', 'hex');
    const none = { key: undefined, isLifecycle: false, outlasts: true };
    expect(filingOf(topic, 'foghorn.v1.DockerRecording', value)).to.deep.equal(none);
  });
});

describe('the filing of a container that an engine has described', () => {
  it('is under its id: lifecycle, lasting', () => {
    const container = DockerContainer.fromPartial({ id: 'c1', name: 'web', status: 'running' });
    const value = DockerContainer.encode(container).finish();
    const filing = filingOf('/foghorn/docker-container', 'foghorn.v1.DockerContainer', value);
    const key = { namespace: 'moby', container: 'c1' };
    expect(filing).to.deep.equal({ key, isLifecycle: true, outlasts: true });
  });
});
