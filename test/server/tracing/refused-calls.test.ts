import { expect } from 'chai';
import pino from 'pino';
import { ForwardRequest } from '../../../protos/gen/containerd/services/events/v1/events.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { RawTtrpc, request } from '../../support/raw-ttrpc.js';
import { TestServer } from '../../support/test-server.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

interface Line {
  readonly msg: string;
  readonly method: string;
  readonly traceId?: string;
}

describe('the log line of a refused call', () => {
  let server: TestServer;
  let lines: Line[];

  beforeEach(async () => {
    lines = [];
    const log = pino({}, { write: (line) => lines.push(JSON.parse(line) as Line) });
    server = await TestServer.start({ http: ['127.0.0.1:0'] }, {}, log);
  });

  afterEach(() => server.stop());

  async function refusals(count: number): Promise<(string | undefined)[]> {
    const refused = (): Line[] => lines.filter(({ msg }) => msg === 'call refused');
    await eventually(() => refused().length === count);
    return refused().map(({ traceId }) => traceId);
  }

  it('has the id of the trace of a gRPC call', async () => {
    const publish = (metadata: Record<string, string>): Promise<unknown> =>
      server
        .client()
        .publish('no-topic', undefined, { 'containerd-namespace': 'default', ...metadata })
        .catch(() => undefined);
    await publish({ traceparent: TRACEPARENT });
    await publish({});
    await publish({ traceparent: `${TRACEPARENT}-x` });
    expect(await refusals(3)).to.deep.equal([TRACE_ID, undefined, undefined]);
  });

  it('has the id of the trace of an HTTP request', async () => {
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${server.http}/v1/events?filter=%3D`, { headers });
    await ask({ traceparent: TRACEPARENT });
    await ask({ traceparent: 'malformed' });
    expect(await refusals(2)).to.deep.equal([TRACE_ID, undefined]);
  });

  it('has the id of the trace of a ttrpc request', async () => {
    const connection = await RawTtrpc.open(server.ttrpcSocket);
    const envelope = { ...exitEnvelope(1), topic: 'no-topic' };
    const payload = ForwardRequest.encode({ envelope }).finish();
    const metadata = [{ key: 'traceparent', value: TRACEPARENT }];
    await connection.call(request(1, payload));
    await connection.call(request(3, payload, { metadata }));
    connection.socket.destroy();
    expect(await refusals(2)).to.deep.equal([undefined, TRACE_ID]);
  });
});
