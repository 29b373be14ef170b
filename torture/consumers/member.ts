import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, events, type Delivery, type FoghornError } from '../../client/index.js';
import { machineTime, type MemberRecord } from './records.js';

/*
 * A member of the consumer `torture`: handles events until it is killed, and writes what it does to
 * a file. Arguments: its name, the broker's address, the file.
 */
const [, , member = '', address = '', file = ''] = process.argv;

const FAILURES = 0.05;
const WORK_MS = 20;

const client = connect({ address });
for (;;) {
  try {
    await client.handle('torture', handle, { concurrency: 4 });
  } catch (error) {
    // A client gives up when it has never reached its broker. A supervisor would start it again.
    if ((error as FoghornError).code !== 'UNAVAILABLE') throw error;
    await delay(100);
  }
}

async function handle(delivery: Delivery): Promise<void> {
  const { containerId, pid } = events.TaskExit.decode(delivery.entry.event!.value);
  const write = (kind: MemberRecord['kind']): void => {
    const record: MemberRecord = {
      ...{ kind, member, container: containerId, number: pid },
      ...{ cursor: delivery.entry.cursor, attempt: delivery.attempt, time: machineTime() },
    };
    appendFileSync(file, `${JSON.stringify(record)}\n`);
  };
  write('begun');
  await delay(Math.random() * WORK_MS);
  if (Math.random() < FAILURES) {
    write('failed');
    throw new Error('a random failure');
  }
  write('handled');
}
