import { describeAppend } from './conformance/append.js';
import { describeClose } from './conformance/close.js';
import { describeKeys } from './conformance/keys.js';
import { describeModel } from './conformance/model.js';
import { describeRead } from './conformance/read.js';
import { describeReopen } from './conformance/reopen.js';
import type { StoreFactory } from './conformance/store-under-test.js';
import { describeTail } from './conformance/tail.js';
import { describeTime } from './conformance/time.js';

/** Holds a driver to every sentence of server/history/store.ts. */
export function describeEventStore(name: string, factory: StoreFactory): void {
  describe(`event store: ${name}`, () => {
    describeAppend(factory);
    describeRead(factory);
    describeKeys(factory);
    describeTail(factory);
    describeTime(factory);
    describeClose(factory);
    describeReopen(factory);
    describeModel(factory);
  });
}
