import { describeAnyNamespace } from './any-namespace.js';
import { describeAppend } from './append.js';
import { describeClose } from './close.js';
import { describeDedupe } from './dedupe.js';
import { describeKeptExits } from './lasting.js';
import { describeKeys } from './keys.js';
import { describeModel } from './model.js';
import { describeRead } from './read.js';
import { describeReopen } from './reopen.js';
import type { StoreFactory } from './store-under-test.js';
import { describeTail } from './tail.js';
import { describeTime } from './time.js';
import { describeTrim } from './trim.js';
import { describeTrimMeanwhile } from './trim-meanwhile.js';

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
