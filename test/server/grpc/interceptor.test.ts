import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { pino } from 'pino';
import { FoghornError } from '../../../protocol/errors.js';
import { STRANGER } from '../../../server/access/caller.js';
import { GrpcEdge } from '../../../server/grpc/grpc-edge.js';
import {
  InterceptorChain,
  type InterceptedCall,
  type Interceptor,
} from '../../../server/grpc/interceptor.js';
import { createHttp2Server } from '../../../server/http2/index.js';
import { eventually } from '../../support/eventually.js';
import { INTEROP_METHODS } from '../../support/interop-service.js';
import { readAnswer } from '../../support/raw-answer.js';
import { RawConnection } from '../../support/raw-http2.js';
import { openListeners } from '../../support/open-listeners.js';

const SERVICE = '/grpc.testing.TestService';
const CALL: InterceptedCall = {
  caller: STRANGER,
  path: '/a.B/C',
  metadata: () => undefined,
};

describe('InterceptorChain', () => {
  it('enters the first interceptor first, and leaves it last', () => {
    const seen: string[] = [];
    const named = (name: string): Interceptor => ({
      begin: () => void seen.push(`begin ${name}`),
      fail: (error) => {
        seen.push(`fail ${name}`);
        return `${String(error)} ${name}`;
      },
      end: (_call, status) => void seen.push(`end ${name} ${status}`),
    });
    const chain = new InterceptorChain([named('outer'), {}, named('inner')]);
    chain.begin(CALL);
    expect(chain.fail('error', CALL)).to.equal('error inner outer');
    chain.end(CALL, 2);
    expect(seen).to.deep.equal([
      ...['begin outer', 'begin inner', 'fail inner', 'fail outer'],
      ...['end inner 2', 'end outer 2'],
    ]);
  });

  it('lets an interceptor refuse a call', () => {
    const refuse = (): never => {
      throw new FoghornError('PERMISSION_DENIED', 'no');
    };
    const chain = new InterceptorChain([{ begin: refuse }]);
    expect(() => {
      chain.begin(CALL);
    }).to.throw(FoghornError, 'no');
  });
});

describe('the log of calls', () => {
  let directory: string;
  let edge: GrpcEdge;
  let connection: RawConnection;
  let lines: Record<string, unknown>[];

  async function start(level: string): Promise<void> {
    lines = [];
    const stream = new Writable({
      write: (line: Buffer, _encoding, done) => {
        lines.push(JSON.parse(line.toString()) as Record<string, unknown>);
        done();
      },
    });
    directory = mkdtempSync(join(tmpdir(), 'foghorn-calls-'));
    edge = new GrpcEdge(
      INTEROP_METHODS,
      createHttp2Server,
      openListeners(),
      100,
      pino({ level }, stream),
    );
    connection = new RawConnection(await edge.listen(`unix://${directory}/s.sock`));
  }
  afterEach(async () => {
    connection.kill();
    await edge.close();
    rmSync(directory, { recursive: true });
  });

  it('has a line for each call that has ended, with its status, at level debug', async () => {
    await start('debug');
    await readAnswer(connection.call(`${SERVICE}/EmptyCall`, new Uint8Array()));
    await readAnswer(connection.call(`${SERVICE}/UnaryCall`, Buffer.from('ff', 'hex')));
    const open = connection.open(`${SERVICE}/FullDuplexCall`);
    await readAnswer(connection.call(`${SERVICE}/EmptyCall`, new Uint8Array()));
    open.close(constants.NGHTTP2_CANCEL);
    await once(open, 'close');
    await eventually(() => lines.length === 4);
    expect(lines.map(({ path, status }) => [path, status])).to.deep.equal([
      [`${SERVICE}/EmptyCall`, 0],
      [`${SERVICE}/UnaryCall`, 13],
      [`${SERVICE}/EmptyCall`, 0],
      [`${SERVICE}/FullDuplexCall`, 1],
    ]);
    expect(lines[0]).to.include({ msg: 'call ended' });
    expect(lines[0]!.ms).to.be.a('number');
  });

  it('has no line at level info', async () => {
    await start('info');
    await readAnswer(connection.call(`${SERVICE}/EmptyCall`, new Uint8Array()));
    expect(lines).to.deep.equal([]);
  });
});
