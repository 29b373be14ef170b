import { FoghornError } from '../../../../protocol/errors.js';
import { perform, StoreActions } from './store-actions.js';
import type { StoreAnswer, StoreCall } from './store-messages.js';

/*
 * A process that runs store actions for its parent. An unhandled rejection ends it, as it ends a
 * broker.
 */

const actions = new StoreActions((acknowledged) => {
  answer({ acknowledged });
});

function answer(message: StoreAnswer): void {
  process.send?.(message);
}

process.on('message', ({ id, action, args }: StoreCall) => {
  perform(actions, action, args).then(
    (value) => {
      answer({ id, value });
    },
    (error: unknown) => {
      const code = error instanceof FoghornError ? error.code : 'UNKNOWN';
      answer({ id, error: { code, message: (error as Error).message } });
    },
  );
});
