import { connect } from '../../../client/index.js';
import { numberedEvent } from '../numbered-events.js';

/*
 * A publisher with a spool that is there to be killed: address, directory, its name, how many events, and how many at a
 * time. Prints the number of every event whose call has resolved.
 */
const [, , address = '', directory = '', name = '', count = '0', atOnce = '1'] = process.argv;

const client = connect({ address, spool: directory });
for (let first = 0; first < Number(count); first += Number(atOnce)) {
  const numbers = Array.from({ length: Number(atOnce) }, (_, index) => first + index);
  await Promise.all(
    numbers.map(async (n) => {
      await client.publish({ topic: '/tasks/exit', event: numberedEvent(name, n) });
      process.stdout.write(`${n}\n`);
    }),
  );
}
await client.close();
