import { setImmediate } from 'node:timers/promises';
import { connect } from '../../client/index.js';

/** Publications that are kept under way, which is more than a broker stores in one commit. */
const UNDER_WAY = 4096;

/* Publishes as fast as the broker takes it, until the process is ended. Argument: the address. */
const client = connect({ address: process.argv[2] ?? '' });
const payload = { typeUrl: 'loud.Tenant', value: Buffer.alloc(200) };
let underWay = 0;
const leave = (): void => {
  underWay -= 1;
};
console.log('publishing');
for (;;) {
  while (underWay < UNDER_WAY) {
    underWay += 1;
    void client.publish({ namespace: 'loud', topic: '/loud', event: payload }).then(leave, leave);
  }
  await setImmediate();
}
