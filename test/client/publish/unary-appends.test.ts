import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { expect } from 'chai';
import { connect } from '../../../client/index.js';
import type { Client, FoghornError } from '../../../client/index.js';
import type {
  ForwardRequest,
  PublishRequest,
} from '../../../protos/gen/containerd/services/events/v1/events.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { ScriptedPeer } from '../scripted-peer.js';

describe('publishing to a peer without Append', () => {
  let directory: string;
  let peer: ScriptedPeer;
  let client: Client;
  let received: string[];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-unary-'));
    received = [];
    const publish = (
      call: ServerUnaryCall<PublishRequest, object>,
      answer: sendUnaryData<object>,
    ) => {
      const { topic } = call.request;
      received.push(`${call.metadata.get('containerd-namespace').join()} ${topic}`);
      const finish = () => {
        if (topic === '/bad') answer({ code: status.INVALID_ARGUMENT, details: 'a bad one' });
        else answer(null, {});
      };
      // The first one takes the longest: later ones must not overtake it.
      setTimeout(finish, received.length === 1 ? 50 : 0);
    };
    const forward = (
      call: ServerUnaryCall<ForwardRequest, object>,
      answer: sendUnaryData<object>,
    ) => {
      received.push(`${call.request.envelope?.namespace ?? ''} forwarded`);
      answer(null, {});
    };
    peer = new ScriptedPeer(join(directory, 'p.sock'), {}, { publish, forward });
    await peer.start();
    client = connect({ address: peer.address, namespace: 'moby' });
  });

  afterEach(async () => {
    await client.close();
    peer.kill();
    rmSync(directory, { recursive: true });
  });

  it("uses containerd's own calls, one at a time", async () => {
    const receipts = await Promise.all([
      client.publish({ topic: '/a' }),
      client.publish({ topic: '/b', namespace: 'other' }),
      client.forward(exitEnvelope(1)),
      client.publish({ topic: '/bad' }).catch((error: unknown) => error),
      client.publish({ topic: '/c' }),
    ]);
    expect(received).to.deep.equal([
      'moby /a',
      'other /b',
      'default forwarded',
      'moby /bad',
      'moby /c',
    ]);
    const [first, , third, bad] = receipts;
    expect(first).to.deep.equal({ kind: 'stored', cursor: '', duplicate: false });
    expect(third).to.deep.equal(first);
    expect(bad).to.include({ code: 'INVALID_ARGUMENT', message: 'a bad one' });
  });

  it('refuses a namespace that no header can carry', async () => {
    const failure = (await client
      .publish({ topic: '/a', namespace: 'ü\n' })
      .catch((error: unknown) => error)) as FoghornError;
    expect(failure).to.have.property('code', 'INVALID_ARGUMENT');
    await client.publish({ topic: '/b' });
    expect(received).to.deep.equal(['moby /b']);
  });

  it('does not send again an event that the peer may have, because the peer would not recognize it', async () => {
    await client.publish({ topic: '/a' });
    peer.kill();
    const failures = await Promise.all(
      ['/b', '/c'].map((topic) => client.publish({ topic }).catch((error: unknown) => error)),
    );
    for (const failure of failures) expect(failure).to.have.property('code', 'UNAVAILABLE');
  });
});
