import { expect } from 'chai';
import { Any } from '../../../protos/gen/google/protobuf/any.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { readEncodedAny } from '../../../protocol/wire/any.js';
import { encodeEnvelope } from '../../../protocol/wire/envelope.js';
import { subjectOf } from '../../../server/events/container-key.js';
import {
  containerOfKey,
  fileEnvelope,
  filingOf,
  MAX_LASTING_BYTES,
  namespacePrefix,
  scopeKey,
} from '../../../server/events/filing.js';
import { parseReadKey, pathOf } from '../../../server/history/key.js';
import { Container, envelopeOf, type Happening } from '../../support/task-events.js';

const c = new Container('c1');
const misnamed: Happening = { topic: '/tasks/checkpointed', event: c.start(1).event };

/** Happening, whether it is of the lifecycle, whether it is lasting. */
const CASES: readonly [string, Happening, boolean, boolean][] = [
  ['create', c.create(7), true, true],
  ['start', c.start(7), true, true],
  ['exit', c.exit(7, 0), true, true],
  ['exit without an id', c.exit(7, 0, { id: '' }), true, true],
  ['exit of an exec', c.exit(7, 0, { id: 'e1' }), false, true],
  ['delete', c.delete(7, 0), true, true],
  ['delete with the container’s id', c.delete(7, 0, { id: 'c1' }), true, true],
  ['delete of an exec', c.delete(7, 0, { id: 'e1' }), false, true],
  ['exec added', c.execAdded('e1'), false, false],
  ['exec started', c.execStarted('e1', 8), false, false],
  ['exec started that is named as the container', c.execStarted('c1', 8), false, false],
  ['checkpointed', c.checkpointed(), false, false],
  ['OOM', c.oom(), true, true],
  ['paused', c.paused(), true, true],
  ['resumed', c.resumed(), true, true],
  ['container made', c.made(), true, true],
  ['container changed', c.changed(), true, true],
  ['container removed', c.removed(), true, true],
  ['topic of a checkpoint, type of a start', misnamed, true, false],
];

const LASTING = [
  '/tasks/exit',
  '/tasks/oom',
  '/tasks/delete',
  '/tasks/create',
  '/tasks/start',
  '/tasks/paused',
  '/tasks/resumed',
  '/containers/create',
  '/containers/update',
  '/containers/delete',
];

describe('the filing of an envelope', () => {
  for (const [name, happening, isLifecycle, isLasting] of CASES) {
    const retention = isLasting ? 'lasting' : 'ordinary';
    it(`${name}: ${isLifecycle ? 'lifecycle' : 'other'}, ${retention}`, () => {
      const envelope = envelopeOf(happening, { namespace: 'moby' });
      const filing = { key: isLifecycle ? 'moby\0c1\0' : 'moby\0c1', retention };
      const event = readEncodedAny(Any.encode(happening.event).finish());
      const bytes = Envelope.encode(envelope).finish();
      const subject = subjectOf(event);
      expect(fileEnvelope('moby', happening.topic, subject, bytes.length)).to.deep.equal(filing);
      expect(filingOf(bytes)).to.deep.equal(filing);
    });
  }

  it('has no key, and is ordinary, when the event is about no container', () => {
    const custom = Any.encode({
      typeUrl: 'my.Type',
      value: Buffer.from('0a026331', 'hex'),
    }).finish();
    for (const event of [undefined, new Uint8Array(), Buffer.from('ffff', 'hex'), custom]) {
      for (const topic of ['/tasks/exit', '/tasks/exit/x']) {
        const filing = filingOf(encodeEnvelope(1n, 'moby', topic, event));
        expect(filing).to.deep.equal({ key: undefined, retention: 'ordinary' });
      }
    }
  });

  it('is ordinary for an envelope of more than 64 KiB', () => {
    const { topic, event } = c.exit(7, 0);
    const unknown = (length: number): Uint8Array => {
      // Field 15, length-delimited, which no built-in type has.
      const value = Buffer.concat([event.value, Buffer.from([0x7a, 0x80 | (length & 0x7f)])]);
      const rest = Buffer.from([0x80 | ((length >> 7) & 0x7f), length >> 14]);
      const large = { ...event, value: Buffer.concat([value, rest, Buffer.alloc(length)]) };
      return encodeEnvelope(1n, 'moby', topic, Any.encode(large).finish());
    };
    const small = unknown(MAX_LASTING_BYTES - 200);
    expect(filingOf(small)).to.deep.equal({ key: 'moby\0c1\0', retention: 'lasting' });
    const large = unknown(MAX_LASTING_BYTES);
    expect(filingOf(large)).to.deep.equal({ key: 'moby\0c1\0', retention: 'ordinary' });
  });

  it('compares topics exactly', () => {
    const subject = { container: 'c1', isLifecycle: true };
    for (const topic of ['/tasks/exits', '/Tasks/exit', '/x/tasks/exit', '/containers/updates']) {
      const { retention } = fileEnvelope('moby', topic, subject, 100);
      expect(retention, topic).to.equal('ordinary');
    }
    for (const topic of LASTING) {
      const { retention } = fileEnvelope('moby', topic, subject, 100);
      expect(retention, topic).to.equal('lasting');
    }
  });
});

describe('the keys of scopes', () => {
  const key = { namespace: 'moby', container: 'c1' };

  it('are read by the history as what they stand for', () => {
    const all = { path: 'moby\0c1', name: 'c1', mainOnly: false };
    expect(parseReadKey(scopeKey({ key, lifecycleOnly: false }))).to.deep.equal(all);
    const lifecycle = scopeKey({ key, lifecycleOnly: true });
    expect(parseReadKey(lifecycle)).to.deep.equal({ ...all, mainOnly: true });
    const anywhere = scopeKey({ key: { ...key, namespace: undefined }, lifecycleOnly: false });
    expect(parseReadKey(anywhere)).to.deep.equal({ ...all, path: undefined });
  });

  it('begin with the prefix of their namespace, and name the container', () => {
    const path = pathOf(scopeKey({ key, lifecycleOnly: true }));
    expect(path.startsWith(namespacePrefix('moby'))).to.equal(true);
    expect(containerOfKey(path)).to.deep.equal(key);
  });
});
