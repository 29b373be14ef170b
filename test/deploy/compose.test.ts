import { existsSync } from 'node:fs';
import { posix, join } from 'node:path';
import { expect } from 'chai';
import { parseRedisUrl } from '../../server/history/redis/redis-url.js';
import { readCompose, ROOT } from './compose-file.js';
import type { Service } from './compose-file.js';
import { environment, only, readStages } from './dockerfile.js';
import { environmentNames, parseFoghorn } from './foghorn-command.js';

const compose = readCompose();
const image = readStages().at(-1)!;
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.image.startsWith('foghorn:'));
const brokers = ours.filter(([, service]) => service.command !== undefined);
const examples = ours.filter(([, service]) => service.entrypoint !== undefined);

/** Parses a broker's command line as `foghorn serve` does. */
async function serveFlags({ command = [] }: Service): Promise<{ store: string; grpc: string[] }> {
  const { name, options } = await parseFoghorn(command);
  expect(name).to.equal('serve');
  return options as { store: string; grpc: string[] };
}

async function portsOf(service: Service): Promise<string[]> {
  const { grpc } = await serveFlags(service);
  return grpc.flatMap((address) => /^0\.0\.0\.0:(\d+)$/.exec(address)?.[1] ?? []);
}

function dependencies({ depends_on = [] }: Service): string[] {
  return depends_on instanceof Array ? [...depends_on] : Object.keys(depends_on);
}

describe('docker-compose.yml', () => {
  it('has two brokers with the same command, a publisher and a subscriber', () => {
    expect(brokers.map(([name]) => name)).to.deep.equal(['broker-1', 'broker-2']);
    expect(brokers[0]![1].command).to.deep.equal(brokers[1]![1].command);
    expect(examples.map(([name]) => name)).to.deep.equal(['publisher', 'subscriber']);
  });

  it('gives every service no more than it needs', () => {
    for (const [name, service] of services) {
      const { read_only, cap_drop, security_opt, init } = service;
      expect({ name, read_only, cap_drop, security_opt, init }).to.deep.equal({
        name,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        init: true,
      });
    }
    expect(compose.networks.history).to.deep.equal({ internal: true });
    expect(compose.services.redis!.ports).to.equal(undefined);
    for (const [, { networks }] of examples) expect(networks).to.not.include('history');
  });

  for (const [name, service] of brokers) {
    describe(name, () => {
      it('keeps its history in the Redis of the file, can reach it and waits for it', async () => {
        const { nodes } = parseRedisUrl((await serveFlags(service)).store);
        const redis = compose.services[nodes[0]!.host]!;
        expect(nodes).to.deep.equal([{ host: 'redis', port: 6379 }]);
        expect(service.networks).to.include.members([...redis.networks]);
        expect(service.depends_on).to.deep.equal({ redis: { condition: 'service_healthy' } });
      });

      it('listens on the socket of commands in its container, in a directory that its user may write to', async () => {
        const asked = environment(image).FOGHORN_ADDRESS!;
        expect((await serveFlags(service)).grpc).to.include(asked);
        const [uid, gid] = only(image, 'USER').split(':');
        const directory = posix.dirname(new URL(asked).pathname);
        expect(service.tmpfs).to.deep.equal([`${directory}:uid=${uid},gid=${gid},mode=0750`]);
      });

      it('is published on a port of this machine only', async () => {
        const published = service.ports!.map((port) => port.split(':'));
        expect(published.map(([host]) => host)).to.deep.equal(['127.0.0.1']);
        expect(published.map(([, , port]) => port)).to.deep.equal(await portsOf(service));
      });

      it('has a grace period longer than a drain', () => {
        expect(Number.parseInt(service.stop_grace_period!)).to.be.greaterThan(10);
      });
    });
  }

  it('publishes every broker on a port of its own', () => {
    const ports = brokers.flatMap(([, { ports = [] }]) => ports.map((port) => port.split(':')[1]));
    expect(new Set(ports).size).to.equal(brokers.length);
  });

  for (const [name, service] of examples) {
    describe(name, () => {
      it('sets only variables that Foghorn or its script knows', async () => {
        const variables = Object.keys(service.environment!);
        expect([...(await environmentNames()), 'BOOKMARK']).to.include.members(variables);
      });

      it('uses a broker that it depends on and can reach, at a port that the broker listens on', async () => {
        const [host = '', port = ''] = service.environment!.FOGHORN_ADDRESS!.split(':');
        const broker = compose.services[host]!;
        expect(dependencies(service)).to.deep.equal([host]);
        expect(broker.networks).to.include.members([...service.networks]);
        expect(await portsOf(broker)).to.include(port);
      });

      it('runs an existing script, and writes only to a volume of the file', () => {
        const [bind = '', volume = ''] = service.volumes!;
        const script = service.entrypoint![1]!.replace('/examples', './examples/compose');
        expect(bind).to.equal('./examples/compose:/examples:ro');
        expect(existsSync(join(ROOT, script)), script).to.equal(true);
        const [source = '', target = ''] = volume.split(':');
        expect(Object.keys(compose.volumes)).to.include(source);
        // A new volume gets the image's user as owner only if the image has the directory.
        expect(only(image, 'RUN')).to.match(new RegExp(`^install .*${target}\\b`));
      });
    });
  }
});
