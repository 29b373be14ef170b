import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../client/index.js';
import { systemClock } from '../../protocol/clock.js';
import { Random } from '../random.js';
import { factText } from '../records/fact.js';
import type { PublisherLine } from '../records/lines.js';
import { RecordWriter } from '../records/record-writer.js';
import { ContainerLife } from './life.js';
import { inTurn } from './in-turn.js';
import { settings, toldToEnd } from './program.js';
import { containerName } from './publisher-settings.js';
import type { PublisherSettings } from './publisher-settings.js';
import { leftIn, Publishing } from './publishing.js';
import type { Report } from './publishing.js';

/** Probability that an accepted envelope is forwarded again. */
const NEEDLESS = 0.05;

const own = settings() as PublisherSettings;
const end = toldToEnd();
const random = new Random(own.seed);
const left = leftIn(own.record);
const record = new RecordWriter<PublisherLine>(own.record);
record.write({ kind: 'begin' });
const { namespace, spool } = own;
const address = inTurn(own.addresses, left.processes);
const client = connect({ address, namespace, ...(spool !== null && { spool }) });
const publishing = new Publishing(client, record, left);

let pid = left.pid;
const lives = Array.from(
  { length: own.containers },
  (_, index) =>
    new ContainerLife({ namespace, container: containerName(own, index) }, random, () => ++pid),
);

function nextReport(): Report {
  const way = random.chance(own.forwarded) ? 'forward' : 'publish';
  return { way, fact: factText(random.pick(lives).next()), time: systemClock().toString() };
}

async function report(): Promise<void> {
  const next = nextReport();
  await publishing.deliver(next, end);
  if (next.way === 'forward' && random.chance(NEEDLESS)) await publishing.send(next, true);
}

await Promise.all(left.unanswered.map((one) => publishing.deliver(one, end, true)));
while (!end.aborted) {
  await Promise.all(Array.from({ length: own.atOnce }, report));
  await delay(own.pauseMs);
}
if (spool !== null) await client.drainSpool();
await client.close();
record.close();
