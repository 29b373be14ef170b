import { connect } from '../../client/index.js';
import { numberedEvent } from '../../test/client/numbered-events.js';

/*
 * A publisher with a spool that is there to be killed: address, directory, its name, how many
 * events, and how many at a time. Prints the number of every event whose call has resolved.
 */
const [, , address = '', directory = '', name = '', count = '0', atOnce = '1'] = process.argv;

const client = connect({ address, spool: directory });
for (let first = 0; first < Number(count); first += Number(atOnce)) {
  const numbers = Array.from({ length: Number(atOnce) }, (_, index) => first + index);
  const published = await Promise.allSettled(
    numbers.map(async (n) => {
      await client.publish({ topic: '/tasks/exit', event: numberedEvent(name, n) });
      process.stdout.write(`${n}\n`);
    }),
  );
  // Only once it is told of the others whether they are there.
  for (const one of published) if (one.status === 'rejected') throw one.reason;
}
await client.close();
