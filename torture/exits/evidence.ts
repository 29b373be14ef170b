import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemons } from './daemons.js';
import { namespaceOf } from './life.js';
import type { RoundRecord } from './round.js';
import type { JudgedWait } from './table.js';
import { readTruth } from './truth.js';

/** Writes what shows why the answers of a round were wrong, or did not come. */
export async function keepEvidence(
  directory: string,
  truths: string,
  daemons: Daemons,
  { lives, faults, shimsKilledAt }: RoundRecord,
  bad: readonly JudgedWait[],
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const waits = bad.map(({ wait, verdict }) => {
    const { way, life, askedAt, answeredAt, answer } = wait;
    return { verdict, way, askedAt, answeredAt, answer, life, runs: readTruth(truths, life.name) };
  });
  const record = { waits, faults, shimsKilledAt, lives };
  writeFileSync(join(directory, 'round.json'), JSON.stringify(record, undefined, 1));
  writeFileSync(join(directory, 'recorders.log'), daemons.logs.join('\n'));
  for (const life of new Set(bad.map(({ wait }) => wait.life))) {
    if (life.id === undefined) continue;
    const read = ['-n', namespaceOf(life), 'events', '--container', life.id, '--since', '1d'];
    const shown = await daemons.broker.run([...read, '--no-follow', '--format', 'json']);
    await shown.exited;
    writeFileSync(join(directory, `${life.name}.history`), shown.stdout.join('\n'));
    const inspected = daemons.dockerd.docker('inspect', life.id);
    await inspected.exited;
    writeFileSync(join(directory, `${life.name}.engine`), inspected.stdout.join('\n'));
  }
}
