import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import { connect, type Client, type TraceContext } from '../../../client/index.js';
import { exitEnvelope, exitEvent } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { TestServer } from '../../support/test-server.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const SHIM = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, tracestate: 'rojo=1' };
const UNSAMPLED = { ...SHIM, traceparent: `00-${TRACE_ID}-${SPAN_ID}-00` };
const METADATA = { 'containerd-namespace': 'default' };

describe('the spans of an event', () => {
  const exporter = new InMemorySpanExporter();
  let server: TestServer;
  let client: Client;

  before(async () => {
    const spanProcessors = [new SimpleSpanProcessor(exporter)];
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    server = await TestServer.start({ http: ['127.0.0.1:0'] });
    client = connect({ address: server.address });
  });

  after(async () => {
    await client.close();
    await server.stop();
    trace.disable();
    context.disable();
  });

  beforeEach(() => {
    exporter.reset();
  });

  /** The finished spans with a name, once there are so many. */
  async function spans(name: string, count = 1): Promise<ReadableSpan[]> {
    const found = (): ReadableSpan[] =>
      exporter.getFinishedSpans().filter((span) => span.name === name);
    await eventually(() => found().length >= count);
    expect(found()).to.have.length(count);
    return found();
  }

  async function newestTrace(): Promise<TraceContext | undefined> {
    let newest: TraceContext | undefined;
    for await (const message of client.read({ start: 'earliest', stopWhenCaughtUp: true })) {
      if (message.kind === 'entries') newest = message.entries.at(-1)?.trace;
    }
    return newest;
  }

  function traceparentOf(span: ReadableSpan): string {
    const { traceId, spanId } = span.spanContext();
    return `00-${traceId}-${spanId}-01`;
  }

  it('lead from the shim by publish, store and deliver to the program that reacts', async () => {
    await client.consumers.create('reacts', { filters: ['topic=="/tasks/exit"'] });
    const seen: { active?: string; trace?: TraceContext | undefined } = {};
    const stop = new AbortController();
    const handled = client.handle(
      'reacts',
      async (delivery) => {
        await Promise.resolve();
        seen.active = trace.getActiveSpan()?.spanContext().spanId ?? '';
        seen.trace = delivery.trace;
        await client.publish({ topic: '/reaction' });
        stop.abort();
      },
      { signal: stop.signal },
    );
    await server.client().publish('/tasks/exit', exitEvent(1), { ...METADATA, ...SHIM });
    await handled;
    const [publish, reaction] = await spans('publish', 2);
    const [store] = await spans('store', 2);
    const [deliver] = await spans('deliver', 1);
    const [process] = await spans('process');
    const all = [publish!, store!, deliver!, process!, reaction!];
    expect(all.map((span) => span.spanContext().traceId)).to.deep.equal(all.map(() => TRACE_ID));
    expect(publish!.parentSpanContext?.spanId).to.equal(SPAN_ID);
    const { spanId } = publish!.spanContext();
    for (const child of [store!, deliver!, process!]) {
      expect(child.parentSpanContext?.spanId, child.name).to.equal(spanId);
    }
    expect(reaction!.parentSpanContext?.spanId).to.equal(process!.spanContext().spanId);
    expect(seen.active).to.equal(process!.spanContext().spanId);
    expect(seen.trace).to.deep.equal({
      traceparent: traceparentOf(process!),
      tracestate: 'rojo=1',
    });
    expect(publish!.attributes).to.include({
      'messaging.system': 'foghorn',
      'messaging.destination.name': '/tasks/exit',
      'containerd.namespace': 'default',
    });
  });

  it('are those of each event of a message, by gRPC and by HTTP', async () => {
    await fetch(`${server.http}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...SHIM },
      body: JSON.stringify([{ topic: '/a', namespace: 'default' }, { topic: 'b' }]),
    });
    const [good, bad] = await spans('publish', 2);
    await spans('store', 1);
    expect(bad!.status.code).to.equal(2);
    expect(bad!.attributes['error.type']).to.be.a('string');
    expect([good, bad].map((span) => span!.parentSpanContext?.spanId)).to.deep.equal([
      SPAN_ID,
      SPAN_ID,
    ]);
    exporter.reset();
    await server.client().forward(exitEnvelope(3), SHIM);
    await spans('publish', 1);
  });

  it('begin a trace for an event without one, which the event is kept with', async () => {
    await client.publish({ topic: '/new' });
    const [publish] = await spans('publish');
    expect(publish!.parentSpanContext).to.equal(undefined);
    expect((await newestTrace())?.traceparent).to.equal(traceparentOf(publish!));
  });

  it('are not made for a trace that is not sampled, which the event keeps as it came', async () => {
    await client.publish({ topic: '/quiet', trace: UNSAMPLED });
    expect(await newestTrace()).to.deep.equal(UNSAMPLED);
    const about = exporter.getFinishedSpans().map(({ attributes }) => Object.values(attributes));
    expect(about.flat()).not.to.include('/quiet');
  });

  it('show a failed publish and a failed handler', async () => {
    const refused = client.publish({ topic: 'no/path', trace: SHIM }).catch(() => undefined);
    await refused;
    const [publish] = await spans('publish');
    expect(publish!.status.code).to.equal(2);
    expect(publish!.attributes['error.type']).to.equal('INVALID_ARGUMENT');
    await client.consumers.create('fails', { maxDeliveries: 1 });
    const stop = new AbortController();
    const handled = client.handle(
      'fails',
      () => {
        stop.abort();
        throw new Error('it broke');
      },
      { signal: stop.signal },
    );
    await client.publish({ topic: '/t', trace: SHIM });
    await handled;
    const [process] = await spans('process');
    expect(process!.status).to.deep.equal({ code: 2, message: 'it broke' });
  });
});
