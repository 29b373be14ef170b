import { expect } from 'chai';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { NamespaceSet } from '../../../server/access/namespace-set.js';
import { EntryViews } from '../../../server/broker/entry-views.js';
import { ReaderPace } from '../../../server/broker/reader-pace.js';
import { VisibleViews } from '../../../server/broker/visible-views.js';
import { CursorWriter } from '../../../server/events/cursor.js';
import { EventView } from '../../../server/events/event-view.js';
import { parseFilters } from '../../../server/filter/index.js';

describe('the views that a reader may see', () => {
  const types = PayloadTypes.load([]);
  const views = new EntryViews(types);
  const filter = parseFilters([]);
  const start = { kind: 'earliest' } as const;
  /** Throws once anything of it is decoded. */
  const entry = { offset: 1, storedAt: 1n, fingerprint: 7, envelope: Buffer.of(0xff) };
  const undecodable = new EventView(entry, new CursorWriter('0123456789abcdef'), types);

  function visibleTo(readable: NamespaceSet): VisibleViews<EventView, typeof filter> {
    const options = {
      ...{ filter, start, until: undefined, scope: undefined, limit: Infinity },
      ...{ onGap: 'fail' as const, stopWhenCaughtUp: true },
    };
    const opening = { last: 1, time: 1n };
    const pace = new ReaderPace({ quota: undefined });
    return new VisibleViews(views, readable, options, opening, pace);
  }

  it('are not decoded for a reader of everything', () => {
    const visible = visibleTo(NamespaceSet.ALL);
    expect(visible.has(undecodable)).to.equal(true);
    expect(views.matches(filter, undecodable)).to.equal(true);
  });

  it('are decoded for a reader of some namespaces', () => {
    const visible = visibleTo(NamespaceSet.of(['moby']));
    expect(() => visible.has(undecodable)).to.throw();
  });
});
