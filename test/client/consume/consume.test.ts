import { credentials, Metadata } from '@grpc/grpc-js';
import { expect } from 'chai';
import { connect, events, pack, unpack } from '../../../client/index.js';
import type { Client, ConsumerOptions, Delivery, FoghornError } from '../../../client/index.js';
import { ConsumersClient, type ConsumeResponse } from '../../../protos/gen/foghorn/v1/consumers.js';
import { eventually } from '../../support/eventually.js';
import { handledLater } from '../../support/handled-later.js';
import { TestServer } from '../../support/test-server.js';

function codeOf(error: unknown): string {
  return (error as FoghornError).code;
}

for (const kind of ['memory', 'lmdb'] as const) {
  describe(`consume: ${kind}`, () => {
    let server: TestServer;
    let client: Client;

    beforeEach(async () => {
      server = await TestServer.start();
      if (kind === 'lmdb') {
        const memory = server;
        server = await TestServer.start({ store: `lmdb:${memory.directory}/history` });
        // The first server lends its directory, and is removed with it.
        const stop = server.stop.bind(server);
        server.stop = async () => {
          await stop();
          await memory.stop();
        };
      }
      client = connect({ address: server.address, namespace: 'moby' });
    });

    afterEach(async () => {
      await client.close();
      await server.stop();
    });

    /** Stores an exit of a container. */
    async function exit(containerId: string, exitStatus: number): Promise<void> {
      const event = pack(events.TaskExit, { containerId, id: containerId, pid: 7, exitStatus });
      await client.publish({ topic: '/tasks/exit', event });
    }

    async function create(options: ConsumerOptions = {}): Promise<void> {
      await client.consumers.create('billing', { backoff: [0], ...options });
    }

    function statusOf({ entry }: Delivery): string {
      const payload = unpack(entry.event);
      if (payload?.type !== 'containerd.events.TaskExit') return 'another event';
      return `${payload.value.containerId} ${payload.value.exitStatus}`;
    }

    /** Acknowledges deliveries until `count` have arrived. */
    async function take(count: number): Promise<string[]> {
      const taken: string[] = [];
      for await (const delivery of client.consume('billing')) {
        await delivery.ack();
        taken.push(statusOf(delivery));
        if (taken.length === count) break;
      }
      return taken;
    }

    it('delivers what was stored since the consumer was created, once', async () => {
      await exit('early', 0);
      await create();
      for (let i = 0; i < 5; i++) await exit('web', i);
      expect(await take(3)).deep.equal(['web 0', 'web 1', 'web 2']);
      await exit('web', 5);
      expect(await take(3)).deep.equal(['web 3', 'web 4', 'web 5']);
      const consumer = await client.consumers.get('billing');
      expect(consumer).deep.include({ acknowledged: 6n, inFlight: 0n, parked: 0n });
    });

    it('delivers only what passes the filters', async () => {
      await create({ filters: ['event.exit_status!=0'] });
      for (const status of [0, 1, 0, 2]) await exit('web', status);
      expect(await take(2)).deep.equal(['web 1', 'web 2']);
    });

    it('says where a recorder may have missed events, and is not paused by that', async () => {
      await create({ filters: ['topic=="/tasks/exit"'], gapPolicy: 'pause' });
      await exit('web', 1);
      await client.publish({ topic: '/foghorn/recorder' });
      await exit('web', 2);
      const gaps: string[] = [];
      const taken: string[] = [];
      const onGap = ({ reason }: { readonly reason: string }): unknown => gaps.push(reason);
      for await (const delivery of client.consume('billing', { onGap })) {
        await delivery.ack();
        taken.push(statusOf(delivery));
        if (taken.length === 2) break;
      }
      expect(taken).deep.equal(['web 1', 'web 2']);
      expect(gaps).deep.equal(['GAP_REASON_NOT_RECORDED']);
      expect(await client.consumers.get('billing')).deep.include({ paused: '', gaps: 0n });
    });

    it('waits for an acknowledgement before it delivers the next event of a container', async () => {
      await create();
      for (const status of [1, 2]) for (const id of ['web', 'db']) await exit(id, status);
      const first: Delivery[] = [];
      for await (const delivery of client.consume('billing')) {
        first.push(delivery);
        if (first.length === 2) await Promise.all(first.map((each) => each.ack()));
        if (first.length === 4) break;
      }
      const got = first.map(statusOf);
      expect(got.slice(0, 2)).have.members(['web 1', 'db 1']);
      expect(got.slice(2)).have.members(['web 2', 'db 2']);
    });

    it('delivers in total order where that is asked for', async () => {
      await create({ ordering: 'total' });
      for (let i = 0; i < 4; i++) await exit(`c${i}`, i);
      expect(await take(4)).deep.equal(['c0 0', 'c1 1', 'c2 2', 'c3 3']);
    });

    it('delivers again what failed, then parks it with its tries, and replays it', async () => {
      await create({ maxDeliveries: 2 });
      await exit('web', 1);
      await exit('web', 2);
      const got: string[] = [];
      for await (const delivery of client.consume('billing')) {
        got.push(`${statusOf(delivery)} try ${delivery.attempt}`);
        if (statusOf(delivery) === 'web 1') await delivery.nack({ reason: 'no' });
        else {
          await delivery.ack();
          break;
        }
      }
      expect(got).deep.equal(['web 1 try 1', 'web 1 try 2', 'web 2 try 1']);
      const parked = [];
      for await (const each of client.consumers.parked('billing')) parked.push(each);
      expect(parked).length(1);
      expect(parked[0]).deep.include({ number: 1n, reason: 'no', replaying: false });
      expect(parked[0]!.tries.map(({ attempt }) => attempt)).deep.equal([1, 2]);
      expect(parked[0]!.entry?.topic).equal('/tasks/exit');
      expect(await client.consumers.replay('billing')).equal(1);
      expect(await take(1)).deep.equal(['web 1']);
      expect((await client.consumers.get('billing')).parked).equal(0n);
    });

    it('parks at once on request, and forgets parked events', async () => {
      await create();
      await exit('web', 1);
      for await (const delivery of client.consume('billing')) {
        await delivery.nack({ reason: 'malformed', terminate: true });
        break;
      }
      expect((await client.consumers.get('billing')).parked).equal(1n);
      expect(await client.consumers.removeParked('billing', [7n])).equal(0);
      expect(await client.consumers.removeParked('billing')).equal(1);
      expect((await client.consumers.get('billing')).parked).equal(0n);
    });

    it('gives deliveries without an answer to others when their member leaves', async () => {
      await create();
      await exit('web', 1);
      for await (const delivery of client.consume('billing')) {
        expect(delivery.attempt).equal(1);
        break;
      }
      expect(await take(1)).deep.equal(['web 1']);
    });

    it('refuses an answer that comes after its member has left', async () => {
      await create();
      await exit('web', 1);
      let late: Delivery | undefined;
      for await (const delivery of client.consume('billing')) {
        late = delivery;
        break;
      }
      expect(await late!.ack().catch(codeOf)).equal('ABORTED');
      expect(late!.isLost).equal(true);
      expect(await take(1)).deep.equal(['web 1']);
    });

    it('lets members leave while answers to them are on their way', async () => {
      await create({ ordering: 'none' });
      const count = 100;
      for (let i = 0; i < count; i++) await exit('web', i);
      const got = new Set<string>();
      const answers: Promise<void>[] = [];
      const stop = new AbortController();
      const acknowledge = async (): Promise<void> => {
        const options = { prefetch: 4, signal: stop.signal };
        for await (const delivery of client.consume('billing', options)) {
          got.add(statusOf(delivery));
          answers.push(delivery.ack());
          if (got.size >= count / 2) stop.abort();
        }
      };
      await Promise.all([acknowledge(), acknowledge(), acknowledge()]);
      await Promise.all(answers);
      expect(await take(count - got.size)).not.include.members([...got]);
    });

    it('delivers again when a lease runs out, and refuses the late answer', async () => {
      await create({ ackWait: 100 });
      await exit('web', 1);
      // A member that does not extend its leases, as one that hangs.
      const raw = new ConsumersClient(server.address, credentials.createInsecure());
      const call = raw.consume(new Metadata());
      const responses: ConsumeResponse['message'][] = [];
      call.on('data', ({ message }: ConsumeResponse) => responses.push(message));
      call.on('error', () => undefined);
      const hello = { consumer: 'billing', member: 'hanging', held: [] };
      call.write({ message: { $case: 'hello', value: hello } });
      call.write({ message: { $case: 'credit', value: 1 } });
      await eventually(() => responses.some((each) => each?.$case === 'deliveries'));
      expect(await take(1)).deep.equal(['web 1']);
      const id = { event: 1n, attempt: 1 };
      const answers = { ack: [id], nack: [], inProgress: [] };
      call.write({ message: { $case: 'answers', value: answers } });
      await eventually(() => responses.at(-1)?.$case === 'answered');
      const lost = responses.filter((each) => each?.$case === 'answered');
      expect(lost[0]?.value).deep.equal({ stored: [], lost: [id] });
      call.cancel();
      raw.close();
    });

    it('leaves a delivery to the member that has it now when an earlier one comes back', async () => {
      await create({ ackWait: 1000 });
      await exit('web', 1);
      const raw = new ConsumersClient(server.address, credentials.createInsecure());
      const held = { event: 1n, attempt: 1 };
      const attach = (held: readonly { event: bigint; attempt: number }[]) => {
        const call = raw.consume(new Metadata());
        const responses: ConsumeResponse['message'][] = [];
        call.on('data', ({ message }: ConsumeResponse) => responses.push(message));
        call.on('error', () => undefined);
        const hello = { consumer: 'billing', member: 'earlier', held: [...held] };
        call.write({ message: { $case: 'hello', value: hello } });
        return { call, responses };
      };
      const before = attach([]);
      before.call.write({ message: { $case: 'credit', value: 1 } });
      await eventually(() => before.responses.some((each) => each?.$case === 'deliveries'));
      for await (const delivery of client.consume('billing')) {
        before.call.cancel();
        const after = attach([held]);
        await eventually(() => after.responses.some((each) => each?.$case === 'answered'));
        const answered = after.responses.find((each) => each?.$case === 'answered');
        expect(answered?.value).deep.equal({ stored: [], lost: [held] });
        await delivery.ack();
        after.call.cancel();
        break;
      }
      raw.close();
      expect((await client.consumers.get('billing')).acknowledged).equal(1n);
    });

    it('shares events among members', async () => {
      await create({ ordering: 'none' });
      const got: string[][] = [[], []];
      const stop = new AbortController();
      const { signal } = stop;
      const members = got.map((list) =>
        client.handle('billing', (delivery) => void list.push(statusOf(delivery)), { signal }),
      );
      for (let i = 0; i < 40; i++) await exit('web', i);
      await eventually(() => got.flat().length === 40);
      stop.abort();
      await Promise.all(members);
      expect(new Set(got.flat()).size).equal(40);
      for (const list of got) expect(list).not.empty;
    });

    it('runs handlers concurrently, and finishes them when the signal aborts', async () => {
      await create();
      for (let i = 0; i < 6; i++) await exit(`c${i}`, i);
      const stop = new AbortController();
      let running = 0;
      let most = 0;
      let done = 0;
      await client.handle(
        'billing',
        async () => {
          most = Math.max(most, ++running);
          if (running === 3) stop.abort();
          await new Promise((resolve) => setTimeout(resolve, 20));
          running -= 1;
          done += 1;
        },
        { concurrency: 3, signal: stop.signal },
      );
      expect({ most, done }).deep.equal({ most: 3, done: 3 });
      expect((await client.consumers.get('billing')).acknowledged).equal(3n);
    });

    it('delivers nothing while it is paused', async () => {
      await create();
      await client.consumers.pause('billing', 'maintenance');
      await exit('web', 1);
      const reasons: string[] = [];
      const stop = new AbortController();
      const got: string[] = [];
      const handled = client.handle('billing', (delivery) => void got.push(statusOf(delivery)), {
        signal: stop.signal,
        onPaused: (reason) => reasons.push(reason),
      });
      await eventually(() => reasons.length === 1);
      expect(got).deep.equal([]);
      await client.consumers.pause('billing', '');
      await eventually(() => got.length === 1);
      stop.abort();
      await handled;
      expect(reasons).deep.equal(['maintenance', '']);
    });

    it('starts again from another position after a reset', async () => {
      await exit('web', 1);
      await create();
      await exit('web', 2);
      expect(await take(1)).deep.equal(['web 2']);
      await client.consumers.reset('billing', 'earliest');
      expect(await take(2)).deep.equal(['web 1', 'web 2']);
    });

    it('refuses unknown consumers, names that exist, and malformed settings', async () => {
      const failures = [
        client.consumers.get('none'),
        client.consumers.create('a b'),
        client.consumers.create('a', { filters: ['topic=='] }),
        client.consumers.create('a', { ackWait: 1 }),
        client.consumers.create('a', {}, { start: { after: 'x' } }),
        client.consumers.remove('none'),
        client.consume('none')[Symbol.asyncIterator]().next(),
      ].map((call) => call.then(() => 'no error', codeOf));
      expect(await Promise.all(failures)).deep.equal([
        'NOT_FOUND',
        ...Array.from({ length: 4 }, () => 'INVALID_ARGUMENT'),
        'NOT_FOUND',
        'NOT_FOUND',
      ]);
      await create();
      expect(await client.consumers.create('billing').catch(codeOf)).equal('ALREADY_EXISTS');
    });

    it('ends the calls of members when the consumer is removed', async () => {
      await create();
      const next = handledLater(client.consume('billing')[Symbol.asyncIterator]().next());
      await eventually(async () => (await client.consumers.get('billing')).members === 1);
      await client.consumers.remove('billing');
      expect(await next.then(() => 'no error', codeOf)).equal('NOT_FOUND');
    });
  });
}

describe('consume, with a broker that is stopped', () => {
  it('waits for the broker when an earlier call has reached it', async () => {
    const first = await TestServer.start();
    const client = connect({ address: first.address });
    const states: string[] = [];
    let second: TestServer | undefined;
    try {
      await client.consumers.create('billing');
      await first.drain();
      const deliveries = client.consume('billing', { onStatus: ({ state }) => states.push(state) });
      const next = handledLater(deliveries[Symbol.asyncIterator]().next());
      await eventually(() => states.includes('disconnected'));
      second = await TestServer.start({ grpc: [first.address] });
      // The second broker answers that it has no such consumer.
      expect(await next.then(() => 'no error', codeOf)).equal('NOT_FOUND');
    } finally {
      await client.close();
      await second?.stop();
      await first.stop();
    }
  });
});
