import { parseArgs } from 'node:util';
import { FrontedEngine } from '../../test/peers/fronted-engine.js';
import { WaitRounds, WAYS } from '../../test/peers/wait-rounds.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new Error(`--rounds ${values.rounds}: expected a whole number from 1`);
}

const cleanup = new Cleanup();
try {
  const engine = await FrontedEngine.start(cleanup);
  const foghorn = await new WaitRounds(engine.path('foghorn')).run(rounds);
  const dockerd = await new WaitRounds(engine.path('dockerd')).run(rounds);
  console.log(`| wrong answers of ${rounds} | Foghorn | dockerd alone |\n|---|---|---|`);
  for (const way of WAYS) {
    const [ours = [], theirs = []] = [foghorn.get(way), dockerd.get(way)];
    console.log(`| ${way} | ${ours.length} | ${theirs.length} |`);
    for (const answer of ours) console.log(`  Foghorn answered ${answer}`);
    if (ours.length > 0) process.exitCode = 1;
  }
} finally {
  await cleanup.run();
}
