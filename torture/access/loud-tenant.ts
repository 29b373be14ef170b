import { connect } from '../../client/index.js';

/** Publications that are kept under way, which is more than a broker stores in one commit. */
const UNDER_WAY = 4096;

/*
 * Publishes as fast as the broker takes it, until the process is ended: the next publication
 * follows each answer. It only waits while the broker makes it wait, so that it does not take
 * processor time from those who are measured beside it. Argument: the address.
 */
const client = connect({ address: process.argv[2] ?? '' });
const payload = { typeUrl: 'loud.Tenant', value: Buffer.alloc(200) };
const publish = (): void => {
  void client.publish({ namespace: 'loud', topic: '/loud', event: payload }).then(publish, publish);
};
for (let under = 0; under < UNDER_WAY; under++) publish();
console.log('publishing');
