import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { connect } from '../../../client/index.js';
import type { Client, ReadMessage, ReadOptions } from '../../../client/index.js';
import { FoghornError } from '../../../protocol/errors.js';
import { EndReason, GapReason } from '../../../protos/gen/foghorn/v1/history.js';
import type { ReadResponse } from '../../../protos/gen/foghorn/v1/history.js';
import {
  ScriptedBroker,
  cancelled,
  entriesResponse,
  keptExitsResponse,
} from '../scripted-broker.js';
import type { ReadCall } from '../scripted-broker.js';
import { eventually } from '../../support/eventually.js';

const COMPLETE: ReadResponse = {
  message: { $case: 'end', value: { reason: EndReason.END_REASON_COMPLETE, cursor: 'end' } },
};

function shutdown(cursor: string): ReadResponse {
  return { message: { $case: 'end', value: { reason: EndReason.END_REASON_SHUTDOWN, cursor } } };
}

function caughtUp(cursor: string): ReadResponse {
  return { message: { $case: 'caughtUp', value: { cursor } } };
}

/** A script that sends these responses and ends the call with OK. */
function send(...responses: ReadResponse[]) {
  return (call: ReadCall) => {
    for (const response of responses) call.write(response);
    call.end();
  };
}

describe('read', () => {
  let directory: string;
  let broker: ScriptedBroker;
  let client: Client;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-read-'));
  });

  afterEach(async () => {
    await client.close();
    broker.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(...scripts: ((call: ReadCall) => void)[]) {
    broker = new ScriptedBroker(join(directory, 'b.sock'), scripts);
    await broker.start();
    client = connect({ address: broker.address });
  }

  async function topics(options: ReadOptions): Promise<string[]> {
    const seen: string[] = [];
    for await (const message of client.read(options)) {
      if (message.kind === 'entries') seen.push(...message.entries.map(({ topic }) => topic));
    }
    return seen;
  }

  function starts() {
    return broker.requests.map(({ start: place }) => place?.value);
  }

  it('delivers every kind of message', async () => {
    await start(
      send(
        {
          message: {
            $case: 'gap',
            value: { reason: GapReason.GAP_REASON_ROLLED_BACK, from: 'a', to: 'b', lostAtMost: 3n },
          },
        },
        entriesResponse('c'),
        { message: { $case: 'progress', value: { cursor: 'd' } } },
        { message: undefined },
        caughtUp('d'),
        COMPLETE,
      ),
    );
    const messages: ReadMessage[] = [];
    for await (const message of client.read()) messages.push(message);
    expect(messages.map(({ kind, cursor }) => [kind, cursor])).to.deep.equal([
      ['gap', 'b'],
      ['entries', 'c'],
      ['progress', 'd'],
      ['caught up', 'd'],
      ['end', 'end'],
    ]);
    expect(messages[0]).to.deep.include({ reason: 'rolled back', from: 'a', lostAtMost: 3n });
  });

  it('asks only for the remaining kept exits when it is cut among them', async () => {
    await start(
      send(keptExitsResponse('1', '4'), shutdown('9')),
      send(keptExitsResponse('7'), entriesResponse('10'), shutdown('10')),
      send(COMPLETE),
    );
    const kept: boolean[] = [];
    for await (const message of client.read({ start: 'earliest', limit: 9 })) {
      if (message.kind === 'entries') kept.push(message.keptExits);
    }
    expect(kept).to.deep.equal([true, true, false]);
    expect(broker.requests.map(({ start: place }) => place?.$case)).to.deep.equal([
      'earliest',
      'earliest',
      'after',
    ]);
    expect(broker.requests.map(({ keptExitsAfter }) => keptExitsAfter)).to.deep.equal([
      '',
      '4',
      '',
    ]);
    expect(broker.requests.map(({ limit }) => limit)).to.deep.equal([9n, 7n, 5n]);
  });

  it('starts again at its start when the broker shut down before it sent anything', async () => {
    await start(send(shutdown('9')), send(shutdown('9')), send(COMPLETE));
    // Connected once, a read goes on; what the first call reached may leave out kept exits.
    for await (const message of client.read({ start: { since: 5n } })) {
      expect(message.kind).to.equal('end');
    }
    expect(broker.requests.map(({ start: place }) => place?.$case)).to.deep.equal([
      'since',
      'since',
      'since',
    ]);
  });

  const GAP: ReadResponse = {
    message: {
      $case: 'gap',
      value: { reason: GapReason.GAP_REASON_TRIMMED, from: '2', to: '5', lostAtMost: 3n },
    },
  };
  const GAP_END: ReadResponse = {
    message: { $case: 'end', value: { reason: EndReason.END_REASON_GAP, cursor: '5' } },
  };

  it('fails after a gap that the broker finds while it reads, as the policy says', async () => {
    await start(send(entriesResponse('2'), GAP, GAP_END));
    const kinds: string[] = [];
    const failure = await (async () => {
      for await (const message of client.read()) kinds.push(message.kind);
      return undefined;
    })().catch((error: unknown) => error);
    expect(kinds).to.deep.equal(['entries', 'gap']);
    expect(failure).to.be.instanceOf(FoghornError).with.property('code', 'OUT_OF_RANGE');
    expect((failure as Error).message).to.equal(
      'cannot go on after cursor 2: the entries after it were trimmed (the first entry kept follows cursor 5)',
    );
  });

  it('goes on after a gap that the broker reports on a resume', async () => {
    await start(
      send(entriesResponse('2'), shutdown('2')),
      send(GAP, entriesResponse('6'), COMPLETE),
    );
    const seen: string[] = [];
    for await (const { kind, cursor } of client.read({ gapPolicy: 'continue' })) {
      seen.push(`${kind} ${cursor}`);
    }
    expect(seen).to.deep.equal(['entries 2', 'gap 5', 'entries 6', 'end end']);
  });

  it('goes on after the broker shuts down', async () => {
    await start(
      send(entriesResponse('1', '2'), shutdown('5')),
      send(entriesResponse('6'), COMPLETE),
    );
    const states: string[] = [];
    expect(await topics({ onStatus: ({ state }) => states.push(state) })).to.deep.equal([
      '/t/1',
      '/t/2',
      '/t/6',
    ]);
    expect(starts()).to.deep.equal([{}, '5']);
    expect(states).to.deep.equal(['connected', 'disconnected', 'connected']);
  });

  it('goes on after the broker was killed and is back', async () => {
    let first: ReadCall | undefined;
    await start(
      (call) => {
        first = call;
        call.write(caughtUp('9'));
      },
      send(entriesResponse('10'), COMPLETE),
    );
    const errors: FoghornError[] = [];
    const seen: string[] = [];
    const reading = client.read({
      onStatus: (status) => {
        if (status.state === 'connected') return;
        errors.push(status.error);
        // The third failure proves that it goes on trying while nobody is there.
        if (errors.length === 3) void broker.start();
      },
    });
    for await (const message of reading) {
      seen.push(message.kind);
      if (message.kind === 'caught up') broker.kill();
    }
    expect(first).to.not.equal(undefined);
    expect(seen).to.deep.equal(['caught up', 'entries', 'end']);
    expect(starts()).to.deep.equal([{}, '9']);
    expect(errors.map(({ code }) => code))
      .to.include('UNAVAILABLE')
      .and.to.have.length.at.least(3);
  });

  it('asks again for the message that the loop body was handling when it was cut', async () => {
    const handled: string[] = [];
    let cut: () => void = () => {};
    await start(
      (call) => {
        call.write(entriesResponse('1'));
        call.write(entriesResponse('2'));
        call.write(entriesResponse('3'));
        cut = () => {
          call.emit('error', { code: status.UNAVAILABLE, details: 'cut' });
        };
      },
      send(entriesResponse('x'), COMPLETE),
    );
    const topicsByStart: Record<string, string> = { '1': '/t/2', '2': '/t/3', '3': '/t/x' };
    for await (const message of client.read({ start: 'earliest' })) {
      if (message.kind !== 'entries') continue;
      handled.push(message.cursor);
      if (handled.length === 1) cut();
    }
    // However many of the three came through before the cut, the resume is after the last of them.
    const beforeResume = handled.at(-2) ?? '';
    expect(starts()[1]).to.equal(beforeResume);
    expect(topicsByStart).to.have.property(beforeResume);
  });

  it('ends without another call when the limit was reached before the cut', async () => {
    await start((call) => {
      call.write(entriesResponse('1', '2'));
    });
    const kinds: string[] = [];
    for await (const message of client.read({ limit: 2 })) kinds.push(message.kind);
    expect(kinds).to.deep.equal(['entries', 'end']);
  });

  it('does not retry when the first connection fails', async () => {
    await start();
    broker.kill();
    const failure = await topics({}).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(FoghornError).with.property('code', 'UNAVAILABLE');
  });

  it('waits for the broker when an earlier call has reached it', async () => {
    await start(send(caughtUp('1')), send(entriesResponse('2'), COMPLETE));
    await client.read({ stopWhenCaughtUp: true })[Symbol.asyncIterator]().next();
    broker.kill();
    const states: string[] = [];
    const reading = topics({ onStatus: ({ state }) => states.push(state) });
    await eventually(() => states.includes('disconnected'));
    await broker.start();
    expect(await reading).to.deep.equal(['/t/2']);
  });

  it('throws an error that cannot pass', async () => {
    await start(send(entriesResponse('1'), shutdown('1')), (call) => {
      call.emit('error', { code: status.OUT_OF_RANGE, details: 'cursor 1 is gone' });
    });
    const failure = await topics({}).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(FoghornError);
    expect(failure).to.include({ code: 'OUT_OF_RANGE', message: 'cursor 1 is gone' });
  });

  it('ends without an error when the signal aborts while it waits', async () => {
    const controller = new AbortController();
    await start((call) => {
      call.write(caughtUp('1'));
    });
    for await (const message of client.read({ signal: controller.signal })) {
      expect(message.kind).to.equal('caught up');
      setImmediate(() => {
        controller.abort();
      });
    }
  });

  it('ends without an error when the signal aborts between two attempts', async () => {
    const retrying = new AbortController();
    await start(send(caughtUp('1'), shutdown('1')));
    const reading = client.read({
      signal: retrying.signal,
      onStatus: ({ state }) => {
        if (state === 'disconnected') retrying.abort();
      },
    });
    for await (const message of reading) expect(message.kind).to.equal('caught up');
    expect(broker.requests).to.have.length(1);
  });

  it('cancels the call when the loop is left', async () => {
    let ended: Promise<void> | undefined;
    await start((call) => {
      ended = cancelled(call);
      call.write(entriesResponse('1'));
    });
    for await (const message of client.read()) {
      expect(message.kind).to.equal('entries');
      break;
    }
    await ended;
  });

  it('takes no more from the broker than a slow loop body handles', async () => {
    const payload = Buffer.alloc(256 * 1024);
    const batch = entriesResponse('1');
    if (batch.message?.$case === 'entries') {
      batch.message.value.entries[0]!.event = { typeUrl: 'x', value: payload };
    }
    let written = 0;
    let stalled: () => void = () => {};
    const untilStalled = new Promise<void>((resolve) => (stalled = resolve));
    await start((call) => {
      const fill = () => {
        if (call.cancelled) return;
        written++;
        let flushed = false;
        call.write(batch, () => {
          flushed = true;
          fill();
        });
        // A write that is still not flushed after 300 ms waits for the window.
        setTimeout(() => {
          if (!flushed) stalled();
        }, 300).unref();
      };
      fill();
    });
    for await (const message of client.read()) {
      expect(message.kind).to.equal('entries');
      await untilStalled;
      break;
    }
    // 4 MiB in the window and 16 messages in the stream's buffer, with room for sockets.
    expect(written * payload.length).to.be.below(16 * 1024 * 1024);
  });
});
