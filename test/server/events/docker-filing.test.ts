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
  return fileEnvelope('moby', topic, subjectOf(event), value.length);
}

/** The filing of an event as a recorder stores it, with attributes around the deciding fields. */
function dockerFiling(type: string, action: string, actorId = 'c1'): Filing {
  const attributes = new Map([
    ['image', 'nginx'],
    ['name', 'über'],
  ]);
  const event = DockerEvent.fromPartial({ actorId, type, action, attributes, timeNano: 1n });
  const value = DockerEvent.encode(event).finish();
  return filingOf(dockerTopic(event), 'foghorn.v1.DockerEvent', value);
}

const LIFECYCLE = [
  ...['create', 'start', 'die', 'destroy', 'remove', 'rename', 'pause', 'unpause', 'oom'],
];

const REST: readonly [type: string, action: string][] = [
  ['container', 'exec_create: sh -c true'],
  ['container', 'exec_start: sh -c true'],
  ['container', 'exec_die'],
  ['container', 'health_statistics'],
  ['container', 'kill'],
  ['container', 'stop'],
  ['container', 'Die'],
  ['container', ''],
  ['image', 'create'],
  ['volume', 'destroy'],
  ['network', 'create'],
  ['', 'die'],
];

describe('the filing of Docker events', () => {
  const key = 'moby\0c1';
  const LIFECYCLE_FILING = { key: `${key}\0`, retention: 'lasting' };

  for (const action of LIFECYCLE) {
    it(`${action} of a container: lifecycle, lasting`, () => {
      const filing = dockerFiling('container', action);
      expect(filing).to.deep.equal(LIFECYCLE_FILING);
    });
  }

  it('puts the result of a health check into the lifecycle, although it need not last', () => {
    const filing = dockerFiling('container', 'health_status: healthy');
    expect(filing).to.deep.equal({ ...LIFECYCLE_FILING, retention: 'ordinary' });
  });

  for (const [type, action] of REST) {
    it(`"${action}" of "${type}": other, ordinary`, () => {
      const filing = dockerFiling(type, action);
      expect(filing).to.deep.equal({ key, retention: 'ordinary' });
    });
  }

  it('has the key of the actor, and none without an actor', () => {
    const reference = 'docker.io/library/nginx@sha256:00';
    expect(dockerFiling('image', 'pull', reference).key).to.equal(`moby\0${reference}`);
    expect(dockerFiling('volume', 'create', 'größe').key).to.equal('moby\0größe');
    for (const none of ['', 'x'.repeat(256), 'a\0b']) {
      const filing = dockerFiling('container', 'die', none);
      expect(filing).to.deep.equal({ key: undefined, retention: 'ordinary' });
    }
  });

  it('uses the last value of a repeated field, in any order of fields', () => {
    const partsOf = (...parts: Partial<DockerEvent>[]): Filing => {
      const bytes = parts.map((part) => DockerEvent.encode(DockerEvent.fromPartial(part)).finish());
      return filingOf('/docker/container/die', 'foghorn.v1.DockerEvent', Buffer.concat(bytes));
    };
    const filing = LIFECYCLE_FILING;
    expect(partsOf({ action: 'die' }, { type: 'container' }, { actorId: 'c1' })).to.deep.equal(
      filing,
    );
    const image = { actorId: 'c1', type: 'image', action: 'die' };
    expect(partsOf(image, { type: 'container' })).to.deep.equal(filing);
    expect(partsOf({ ...image, type: 'container' }, { type: 'image' })).to.deep.equal({
      ...filing,
      key,
    });
  });
});

describe('the filing of a recording', () => {
  const topic = '/foghorn/docker-recording';
  const filing = { key: `moby\0${RECORDING_KEY}\0`, retention: 'lasting' };

  it('has one key for all engines', () => {
    for (const engine of ['', '/run/docker.sock', 'c1']) {
      const missingFrom = { seconds: 5n, nanos: 0 };
      const recording = DockerRecording.fromPartial({ engine, missingFrom });
      const value = DockerRecording.encode(recording).finish();
      expect(filingOf(topic, 'foghorn.v1.DockerRecording', value)).to.deep.equal(filing);
    }
    const empty = new Uint8Array();
    expect(filingOf(topic, 'foghorn.v1.DockerRecording', empty)).to.deep.equal(filing);
  });

  it('has no key when the bytes are not a recording', () => {
    const value = Buffer.from('0aff', 'hex');
    const none = { key: undefined, retention: 'ordinary' };
    expect(filingOf(topic, 'foghorn.v1.DockerRecording', value)).to.deep.equal(none);
  });
});

describe('the filing of a container that an engine has described', () => {
  it('has the key of its id: lifecycle, lasting', () => {
    const container = DockerContainer.fromPartial({ id: 'c1', name: 'web', status: 'running' });
    const value = DockerContainer.encode(container).finish();
    const filing = filingOf('/foghorn/docker-container', 'foghorn.v1.DockerContainer', value);
    expect(filing).to.deep.equal({ key: 'moby\0c1\0', retention: 'lasting' });
  });
});
