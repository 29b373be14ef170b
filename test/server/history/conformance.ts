import { describeAnyNamespace } from './conformance/any-namespace.js';
import { describeAppend } from './conformance/append.js';
import { describeClose } from './conformance/close.js';
import { describeDedupe } from './conformance/dedupe.js';
import { describeKeptExits } from './conformance/kept-exits.js';
import { describeKeys } from './conformance/keys.js';
import { describeModel } from './conformance/model.js';
import { describeRead } from './conformance/read.js';
import { describeReopen } from './conformance/reopen.js';
import type { StoreFactory } from './conformance/store-under-test.js';
import { describeTail } from './conformance/tail.js';
import { describeTime } from './conformance/time.js';
import { describeTrim } from './conformance/trim.js';
import { describeTrimMeanwhile } from './conformance/trim-meanwhile.js';

/** Holds a driver to every sentence of server/history/store.ts. */
export function describeEventStore(name: string, factory: StoreFactory): void {
  describe(`event store: ${name}`, () => {
    describeAppend(factory);
    describeRead(factory);
    describeKeys(factory);
    describeAnyNamespace(factory);
    describeDedupe(factory);
    describeTail(factory);
    describeTime(factory);
    describeTrim(factory);
    describeKeptExits(factory);
    describeTrimMeanwhile(factory);
    describeClose(factory);
    describeReopen(factory);
    describeModel(factory);
  });
}
