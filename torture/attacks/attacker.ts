import { ATTACKS } from './scenarios/scenarios.js';

// A process of its own, so that the attack's work does not delay the bystander. Reports when the
// broker is prepared, and ends with the attack.
const [name, grpc = '', docker = '', seconds, scale] = process.argv.slice(2);
const attack = ATTACKS.find((known) => known.name === name);
if (attack === undefined) throw new Error(`no attack is called ${name ?? ''}`);
await attack.prepare?.({ grpc, docker }, Number(scale));
console.log('prepared');
const end = performance.now() + Number(seconds) * 1000;
await attack.run({ grpc, docker }, () => performance.now() >= end);
process.exit(0);
