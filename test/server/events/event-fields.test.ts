import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { systemClock } from '../../../protocol/clock.js';
import { readEncodedAny } from '../../../protocol/wire/any.js';
import { Any } from '../../../protos/gen/google/protobuf/any.js';
import { BROKER } from '../../../server/access/caller.js';
import { acceptPublish } from '../../../server/broker/accept.js';
import {
  AcceptedFields,
  decodedFields,
  type EventFields,
} from '../../../server/events/event-fields.js';
import { openStore } from '../../../server/history/open.js';
import type { Entry, NewEntry } from '../../../server/history/store.js';
import { exitEvent } from '../../support/envelopes.js';

function accepted(event: Any | undefined, time = 5n): NewEntry {
  const payload = event && readEncodedAny(Any.encode(event).finish());
  const published = { namespace: 'default', topic: '/tasks/exit', publishId: Buffer.of() };
  return acceptPublish(BROKER, { ...published, event: payload }, time);
}

function plain({ timestamp, namespace, topic, subject, payload }: EventFields): object {
  const value = payload && Buffer.from(payload.value);
  return { timestamp, namespace, topic, subject, typeUrl: payload?.typeUrl, value };
}

describe('the fields of an event', () => {
  it('are the same before it is stored as decoded from its envelope', () => {
    const types = fc.oneof(fc.constant('containerd.events.TaskExit'), fc.string());
    const values = fc.oneof(
      fc.nat(9).map((n) => exitEvent(n).value),
      fc.uint8Array({ maxLength: 50 }),
    );
    const event = fc.option(fc.record({ typeUrl: types, value: values }), { nil: undefined });
    fc.assert(
      fc.property(event, fc.bigInt(-(10n ** 18n), 10n ** 18n), (any, time) => {
        const { bytes, origin } = accepted(any, time);
        expect(plain(origin as AcceptedFields)).to.deep.equal(plain(decodedFields(bytes)));
      }),
    );
  });

  it('reach the tail of an embedded store with the entry, and are not kept', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-fields-'));
    const store = await openStore(`lmdb:${directory}`, systemClock);
    const tail: Entry[] = [];
    store.tail((entries) => tail.push(...entries));
    const envelope = accepted(exitEvent(1));
    await store.append([envelope]);
    expect(tail.map(({ origin }) => origin)).to.deep.equal([envelope.origin]);
    const read = await store.read(0, { entries: 1, bytes: 1 });
    expect(read).to.have.nested.property('entries[0].envelope');
    expect(read).to.not.have.nested.property('entries[0].origin');
    await store.close();
    rmSync(directory, { recursive: true });
  });
});
