import { parseArgs } from 'node:util';
import { builtMain } from '../../test/support/processes/build.js';
import { measure, type Measured } from './measure.js';
import { ATTACKS } from './scenarios/scenarios.js';
import { tableLines, verdict } from './table.js';

const { values } = parseArgs({
  options: {
    // A short run has smaller histories: --scale 1 has a quarter of the full size.
    seconds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '4' },
    // Attacks whose names contain this text.
    only: { type: 'string', default: '' },
    // The program `foghorn` of another build, to compare with it.
    broker: { type: 'string' },
  },
});
const main = values.broker ?? (await builtMain());
const size = { seconds: Number(values.seconds), scale: Number(values.scale) };
const all: Measured[] = [];
for (const attack of ATTACKS.filter(({ name }) => name.includes(values.only))) {
  const measured = await measure(main, attack, size);
  console.log(`${verdict(measured).padEnd(24)} ${attack.name}`);
  all.push(measured);
}
console.log(tableLines(all).join('\n'));
process.exitCode = all.every((measured) => verdict(measured) === 'ok') ? 0 : 1;
