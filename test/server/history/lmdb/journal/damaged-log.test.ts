import { StoreInProcess } from '../store-to-kill.js';
import { describeDamagedLog } from './damaged-log.js';

describe('lmdb store: a damaged write-ahead log', () => {
  describeDamagedLog(StoreInProcess.start);
});
