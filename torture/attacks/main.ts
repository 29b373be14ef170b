import { parseArgs } from 'node:util';
import { builtMain } from '../../test/support/processes/build.js';
import { measure, type Measured } from './measure.js';
import { ATTACKS } from './scenarios/scenarios.js';
import { mayPass, tableLines, verdict } from './table.js';

/** Measurements of an attack that end with one that is within the limits. */
const ATTEMPTS = 3;

const { values } = parseArgs({
  options: {
    // A short run has smaller histories: --scale 1 has a quarter of the full size.
    seconds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '4' },
    // The attacker, the broker and the bystander need a processor each to stay below the limits.
    tolerance: { type: 'string', default: '1' },
    // Attacks whose names contain this text.
    only: { type: 'string', default: '' },
    // The program `foghorn` of another build, to compare with it.
    broker: { type: 'string' },
  },
});
const main = values.broker ?? (await builtMain());
const size = { seconds: Number(values.seconds), scale: Number(values.scale) };
const tolerance = Number(values.tolerance);
const all: Measured[] = [];
for (const attack of ATTACKS.filter(({ name }) => name.includes(values.only))) {
  let measured = await measure(main, attack, size);
  for (let more = 1; more < ATTEMPTS && mayPass(measured, tolerance); more++) {
    console.log(`${verdict(measured, tolerance).padEnd(24)} ${attack.name}, measured again`);
    measured = await measure(main, attack, size);
  }
  console.log(`${verdict(measured, tolerance).padEnd(24)} ${attack.name}`);
  all.push(measured);
}
console.log(tableLines(all, tolerance).join('\n'));
process.exitCode = all.every((measured) => verdict(measured, tolerance) === 'ok') ? 0 : 1;
