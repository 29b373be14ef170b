import { describeDamagedLog } from '../../test/server/history/lmdb/journal/damaged-log.js';
import { describeRecoveredLog } from '../../test/server/history/lmdb/journal/recovered-log.js';
import { StoreProcess } from '../../test/server/history/lmdb/store-process.js';

/** The same tests as those of `npm test`, with processes that are really killed. */
describe('lmdb store: the log of a killed process', () => {
  const start = (): Promise<StoreProcess> => StoreProcess.start();

  describe('is recovered', () => {
    describeRecoveredLog(start);
  });

  describe('is damaged', () => {
    describeDamagedLog(start);
  });
});
