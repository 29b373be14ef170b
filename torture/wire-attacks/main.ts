import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuSeconds } from '../../bench/support/cpu-time.js';
import { MemoryPeak, memoryOf } from '../../bench/support/memory.js';
import { withResources } from '../../bench/support/resources.js';
import { FrameClient, within } from '../../test/support/http2/frame-client.js';
import { ping, TYPE } from '../../test/support/http2/frames.js';
import { ATTACKS, type WireAttack } from './attacks.js';
import { SERVERS, type AttackedServer } from './server.js';

const MIB = 1024 * 1024;
/** Time that a server has to start up before anything is measured. */
const WARM_UP_MS = 1000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    // Attacks and servers whose names contain these texts.
    only: { type: 'string', default: '' },
    server: { type: 'string', default: '' },
  },
});
const seconds = Number(values.seconds);
const servers = Object.keys(SERVERS).filter((name) => name.includes(values.server));
const isMissing = (error: unknown): string => `not measured: ${(error as Error).message}`;

console.log(`| attack | ${servers.join(' | ')} |`);
console.log(`| --- | ${servers.map(() => '---').join(' | ')} |`);
for (const attack of ATTACKS.filter(({ name }) => name.includes(values.only))) {
  const cells: string[] = [];
  for (const name of servers) cells.push(await measure(name, attack).catch(isMissing));
  console.log(`| ${attack.name} | ${cells.join(' | ')} |`);
}
process.exit(0);

/** Attacks a new server; returns a cell of the table. */
function measure(name: string, attack: WireAttack): Promise<string> {
  return withResources(async (defer) => {
    const server = await SERVERS[name]!(defer);
    if (attack.overTls === true && server.tls === undefined) return '–';
    await delay(WARM_UP_MS);
    const { pid } = server;
    const before = memoryOf(pid).anonymous;
    const cpuBefore = cpuSeconds(name, pid);
    const peak = new MemoryPeak(pid);
    defer(() => {
      peak.stop();
    });
    const { count, cut } = await attack.run(server, seconds);
    const cpu = (cpuSeconds(name, pid) - cpuBefore).toFixed(1);
    const memory = [before, peak.most().anonymous].map((bytes) => Math.round(bytes / MIB));
    const end = (await answers(server)) ? '' : ', **no answer afterwards**';
    const verdict = cut === 0 ? 'not cut' : `${cut} cut`;
    return `${count}, ${verdict}; ${cpu} s, ${memory.join(' → ')} MiB${end}`;
  });
}

/** Whether a new client gets an answer in some seconds. */
async function answers({ socket }: AttackedServer): Promise<boolean> {
  try {
    const client = await FrameClient.open(socket);
    client.send(ping());
    await within(() => client.of(TYPE.PING).length > 0);
    client.close();
    return true;
  } catch {
    return false;
  }
}
