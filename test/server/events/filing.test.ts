import { expect } from 'chai';
import { Any } from '../../../protos/gen/google/protobuf/any.js';
import { Envelope } from '../../../protos/gen/types/event.js';
import { readEncodedAny } from '../../../protocol/wire/any.js';
import { encodeEnvelope } from '../../../protocol/wire/envelope.js';
import { subjectOf } from '../../../server/events/container-key.js';
import { fileEnvelope, filingOf, type Filing } from '../../../server/events/filing.js';
import { Container, envelopeOf, type Happening } from '../../support/task-events.js';

const c = new Container('c1');
const misnamed: Happening = { topic: '/tasks/checkpointed', event: c.start(1).event };

/** Happening, whether it is of the lifecycle, whether it outlasts others. */
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
  for (const [name, happening, isLifecycle, outlasts] of CASES) {
    it(`${name}: ${isLifecycle ? 'lifecycle' : 'the rest'}, ${outlasts ? 'lasting' : 'not lasting'}`, () => {
      const envelope = envelopeOf(happening, { namespace: 'moby' });
      const filing = { key: { namespace: 'moby', container: 'c1' }, isLifecycle, outlasts };
      const event = readEncodedAny(Any.encode(happening.event).finish());
      expect(fileEnvelope('moby', happening.topic, subjectOf(event))).to.deep.equal(filing);
      expect(filingOf(Envelope.encode(envelope).finish())).to.deep.equal(filing);
    });
  }

  it('is under no container when the event is about none, though its topic may be that of an exit', () => {
    const none = { key: undefined, isLifecycle: false };
    for (const event of [undefined, new Uint8Array(), Buffer.from('ffff', 'hex')]) {
      const filing = (topic: string): Filing => filingOf(encodeEnvelope(1n, 'moby', topic, event));
      expect(filing('/tasks/exit')).to.deep.equal({ ...none, outlasts: true });
      expect(filing('/tasks/exit/x')).to.deep.equal({ ...none, outlasts: false });
    }
  });

  it('takes the topic to the letter', () => {
    for (const topic of ['/tasks/exits', '/Tasks/exit', '/x/tasks/exit', '/containers/updates']) {
      const { outlasts } = fileEnvelope('moby', topic, undefined);
      expect(outlasts, topic).to.equal(false);
    }
    for (const topic of LASTING) {
      const { outlasts } = fileEnvelope('moby', topic, undefined);
      expect(outlasts, topic).to.equal(true);
    }
  });
});
