import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Authority, type CertificateFiles } from '../../test/support/access/authority.js';
import type { TestClient } from '../../test/support/test-client.js';
import { TestServer } from '../../test/support/test-server.js';
import { Crowd, tlsClients } from './crowd.js';

const TOKEN = 'fhn_the-token-that-is-revoked';
/** Long enough for a thousand clients in this process to receive an event. */
const PUBLISH_PAUSE_MS = 200;
const PROBE_MS = 50;
/** Nothing may take longer, however slow the machine is. */
const GIVE_UP_MS = 60_000;

/** The rules before the change and after it. `narrowed` loses a namespace, `widened` gets one. */
const rules = (isAfter: boolean): string => `
roles:
  all: { publish: ['*'], read: ['*'] }
  a: { read: [a] }
  b: { read: [b] }
  c: { read: [c] }
grants:
  - { role: all, to: [publisher] }
  - { role: a, to: [kept, widened, narrowed, revoked] }
${isAfter ? '  - { role: b, to: [widened] }' : '  - { role: c, to: [narrowed] }'}
${isAfter ? '' : `tokens: [{ name: revoked, sha256: ${sha256(TOKEN)} }]`}
`;

/** Milliseconds from each change of a file until it was in force. */
export type RotationTimes = Readonly<
  Record<'certificate' | 'granted' | 'withdrawn' | 'revoked', number>
>;

export interface RotationOutcome {
  readonly subscribers: number;
  readonly events: number;
  readonly times: RotationTimes;
  /** Subscribers that were cut, missed events or saw what they may not. */
  readonly faults: readonly string[];
}

/**
 * Replaces the certificate and the access file of a broker under subscribers, each on a TLS
 * connection of its own, while events are published.
 */
export async function rotateUnder(subscribers: number): Promise<RotationOutcome> {
  const authority = new Authority();
  const live = { cert: authority.path('live.crt'), key: authority.path('live.key') };
  const access = authority.path('access.yaml');
  replace(live, authority.server());
  writeFileSync(access, rules(false));
  const server = await TestServer.start({
    grpc: ['localhost:0'],
    docker: [],
    ttrpc: [],
    access,
    tls: { ...live, clientCa: authority.ca },
  });
  const rotation = new Rotation(authority, server.address, live, access);
  try {
    await rotation.subscribe(subscribers);
    return await rotation.run();
  } finally {
    rotation.close();
    await server.stop();
    authority.remove();
  }
}

class Rotation {
  readonly #publisher: TestClient;
  readonly #crowds: Crowd[] = [];
  /** When each event of a namespace was published, by its topic's number. */
  readonly #published: Record<'a' | 'b' | 'c', number[]> = { a: [], b: [], c: [] };
  #isOver = false;

  constructor(
    private readonly authority: Authority,
    private readonly address: string,
    private readonly live: CertificateFiles,
    private readonly access: string,
  ) {
    this.#publisher = tlsClients(address, authority, authority.client('publisher'))();
  }

  async subscribe(subscribers: number): Promise<void> {
    const few = Math.floor(subscribers / 10);
    const { authority, address } = this;
    for (const [name, size] of [
      ['kept', subscribers - 3 * few],
      ['widened', few],
      ['narrowed', few],
    ] as const) {
      const clients = tlsClients(address, authority, authority.client(name));
      this.#crowds.push(await Crowd.subscribe(name, size, clients));
    }
    const withToken = { authorization: `Bearer ${TOKEN}` };
    const clients = tlsClients(address, authority, undefined);
    this.#crowds.push(await Crowd.subscribe('revoked', few, clients, withToken));
  }

  async run(): Promise<RotationOutcome> {
    const publishing = this.#publishAll();
    const certificate = await this.#rotateCertificate();
    const [, widened, narrowed, revoked] = this.#crowds as [Crowd, Crowd, Crowd, Crowd];
    await this.#until(() => narrowed.topicsOf('c').every(({ length }) => length > 0));
    const changed = performance.now();
    writeFileSync(this.access, rules(true));
    await this.#until(() => revoked.endings.length === revoked.size);
    const times = {
      certificate,
      revoked: performance.now() - changed,
      granted: await this.#grantedAfter(widened, changed),
      withdrawn: await this.#withdrawnAfter(narrowed, changed),
    };
    this.#isOver = true;
    await publishing;
    await this.#allArrived();
    const { length: events } = this.#published.a;
    const sizes = this.#crowds.map(({ size }) => size);
    const subscribers = sizes.reduce((sum, size) => sum + size, 0);
    return { subscribers, events, times, faults: this.#faults() };
  }

  close(): void {
    this.#isOver = true;
    for (const crowd of this.#crowds) crowd.close();
    this.#publisher.close();
  }

  async #publishAll(): Promise<void> {
    while (!this.#isOver) {
      for (const namespace of ['a', 'b', 'c'] as const) await this.#publish(namespace);
      await delay(PUBLISH_PAUSE_MS);
    }
  }

  async #publish(namespace: 'a' | 'b' | 'c'): Promise<void> {
    const topic = `/${this.#published[namespace].length}`;
    this.#published[namespace].push(performance.now());
    await this.#publisher.publish(topic, undefined, { 'containerd-namespace': namespace });
  }

  /** Replaces the certificate before its key, so that the two do not fit for a while. */
  async #rotateCertificate(): Promise<number> {
    const next = this.authority.server();
    const serial = new X509Certificate(readFileSync(next.cert)).serialNumber;
    copyFileSync(next.cert, this.live.cert);
    await delay(2 * PROBE_MS);
    await this.#shownSerial();
    const changed = performance.now();
    copyFileSync(next.key, this.live.key);
    await this.#until(async () => (await this.#shownSerial()) === serial);
    return performance.now() - changed;
  }

  /** The serial number of the certificate that a new connection gets. */
  async #shownSerial(): Promise<string> {
    const port = Number(this.address.split(':').at(-1));
    const ca = readFileSync(this.authority.ca);
    const socket = connect({ port, host: 'localhost', ca, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    const serial = socket.getPeerX509Certificate()?.serialNumber ?? '';
    socket.destroy();
    return serial;
  }

  /** The time until an event was published that all of them received. */
  async #grantedAfter(crowd: Crowd, changed: number): Promise<number> {
    await this.#until(() => crowd.topicsOf('b').every(({ length }) => length > 0));
    const first = Math.max(...crowd.topicsOf('b').map(([topic = '']) => numberOf(topic)));
    return (this.#published.b[first] ?? NaN) - changed;
  }

  /** The time until an event was published that none of them receives. */
  async #withdrawnAfter(crowd: Crowd, changed: number): Promise<number> {
    const last = (): number =>
      Math.max(...crowd.topicsOf('c').flatMap((topics) => topics.map(numberOf)));
    // An event that was published after the last one is delivered after it, too.
    await this.#until(() => this.#published.c.length > last() + 10);
    return (this.#published.c[last() + 1] ?? NaN) - changed;
  }

  async #allArrived(): Promise<void> {
    const { length } = this.#published.a;
    const isLast = (topics: readonly string[]): boolean => topics.at(-1) === `/${length - 1}`;
    const staying = this.#crowds.filter(({ name }) => name !== 'revoked');
    await this.#until(() => staying.every((crowd) => crowd.topicsOf('a').every(isLast)));
  }

  #faults(): readonly string[] {
    return this.#crowds.flatMap((crowd) => {
      const { name, endings } = crowd;
      const isRevoked = name === 'revoked';
      const wrong = endings.filter((text) => !isRevoked || !text.startsWith('UNAUTHENTICATED'));
      const gaps = crowd.topicsOf('a').filter((topics) => !isSequence(topics));
      const seen = (namespace: string): number => crowd.topicsOf(namespace).flat().length;
      const forbidden =
        (name === 'widened' ? 0 : seen('b')) + (name === 'narrowed' ? 0 : seen('c'));
      return [
        ...wrong.map((text) => `cut: ${name}: ${text}`),
        ...gaps.map((topics) => `missing or twice: ${name} among ${topics.length} events`),
        ...(forbidden === 0 ? [] : [`leak: ${name} saw ${forbidden} events of others`]),
      ];
    });
  }

  /** Throws when it takes too long. */
  async #until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const begun = performance.now();
    while (!(await condition())) {
      if (performance.now() - begun > GIVE_UP_MS)
        throw new Error(`nothing within ${GIVE_UP_MS} ms`);
      await delay(PROBE_MS);
    }
  }
}

function replace(live: CertificateFiles, next: CertificateFiles): void {
  copyFileSync(next.cert, live.cert);
  copyFileSync(next.key, live.key);
}

function numberOf(topic: string): number {
  return Number(topic.slice(1));
}

/** Whether topics are numbered without a hole and none is there twice. */
function isSequence(topics: readonly string[]): boolean {
  return topics.every((topic, index) => numberOf(topic) === numberOf(topics[0] ?? '') + index);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
