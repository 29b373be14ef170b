import type { Http2Options, Http2Stream, StreamHandler } from '../../server/http2/index.js';
import { FrameClient, within } from '../../test/support/http2/frame-client.js';
import { pseudoFields } from '../../test/support/http2/hpack.js';
import { EMPTY_ANSWER, OK, TRAILERS } from '../../test/support/http2/responders.js';
import { RunningServer } from '../../test/support/http2/running-server.js';
import type { RequestMaker, Target } from './target.js';

const PATHS = ['/echo', '/early', '/fixed', '/keep', '/later', '/reset', '/wait', '/stream'];

const makeRequest: RequestMaker = (random) => ({
  head: pseudoFields(random.pick(PATHS)),
  body: () => Buffer.alloc(random.between(0, random.chance(0.1) ? 16_000 : 100), 'd'),
});

/** Holds a stream's handler to the contract, and answers by the request's path. */
class CheckedHandler implements StreamHandler {
  #isEnded = false;
  #isClosed = false;
  #kept = 0;

  constructor(
    private readonly stream: Http2Stream,
    private readonly counts: Counts,
  ) {}

  onData(bytes: Buffer): void {
    this.#expectOpen('onData');
    if (this.#isEnded) this.counts.violations.push('onData after onEnd');
    const { stream } = this;
    switch (stream.headers.path) {
      case '/keep':
        this.#kept += bytes.length;
        stream.keep(bytes.length);
        break;
      case '/later':
        setImmediate(() => {
          stream.consume(bytes.length);
        });
        break;
      case '/wait':
        break;
      default:
        stream.consume(bytes.length);
        if (stream.headers.path === '/echo') stream.sendData(Buffer.from(bytes));
    }
  }

  onEnd(): void {
    this.#expectOpen('onEnd');
    if (this.#isEnded) this.counts.violations.push('onEnd twice');
    this.#isEnded = true;
    const { stream } = this;
    if (this.#kept > 0) stream.release(this.#kept);
    switch (stream.headers.path) {
      case '/wait':
        setTimeout(() => {
          stream.reset();
        }, 5);
        break;
      case '/reset':
        stream.reset(0xb);
        break;
      case '/later':
        setImmediate(() => {
          this.#answer();
        });
        break;
      case '/fixed':
      case '/keep':
        stream.sendFixed(EMPTY_ANSWER);
        break;
      default:
        this.#answer();
    }
  }

  onDrain(): void {
    this.#expectOpen('onDrain');
  }

  onClose(): void {
    this.#expectOpen('onClose');
    this.#isClosed = true;
    this.counts.closed += 1;
  }

  #answer(): void {
    const { stream } = this;
    stream.sendHeaders(OK);
    if (stream.headers.path === '/stream') stream.sendData(Buffer.alloc(100_000));
    stream.sendTrailers(TRAILERS);
  }

  #expectOpen(call: string): void {
    if (this.#isClosed) this.counts.violations.push(`${call} after onClose`);
  }
}

/** Counts and faults of all streams of a server. */
interface Counts {
  opened: number;
  closed: number;
  readonly violations: string[];
}

/** Starts the HTTP/2 server alone, with handlers that check what they are called with. */
export async function startChecked(options: Partial<Http2Options>): Promise<Target> {
  const counts: Counts = { opened: 0, closed: 0, violations: [] };
  const server = await RunningServer.start((stream) => {
    counts.opened += 1;
    stream.handler = new CheckedHandler(stream, counts);
    if (stream.headers.path === '/early') stream.sendFixed(EMPTY_ANSWER);
  }, options);
  return {
    path: server.path,
    makeRequest,
    violations: counts.violations,
    async askBystander() {
      const bystander = await FrameClient.open(server.path);
      bystander.request(1, '/fixed');
      await within(() => bystander.isAnswered(1));
      bystander.close();
    },
    async untilIdle() {
      await within(() => server.http2.connections.size === 0);
      await within(() => counts.opened === counts.closed);
    },
    stop: () => server.stop(),
  };
}
