import {
  HeaderBlock,
  type CloseReason,
  type Http2Options,
  type Http2Stream,
  type RequestHeaders,
} from '../../../../server/http2/index.js';
import { EMPTY_ANSWER, OK, TRAILERS } from '../../../support/http2/responders.js';
import { handle, RunningServer } from '../../../support/http2/running-server.js';

/** A request as its listener saw it. */
export interface SeenRequest {
  readonly stream: Http2Stream;
  readonly headers: RequestHeaders;
  body: string;
  trailers: RequestHeaders | undefined;
  ended: boolean;
  closed: CloseReason | undefined;
}

/** The server of the cases. It answers by a request's path. */
export class Responder {
  readonly requests = new Map<number, SeenRequest>();
  #server: RunningServer | undefined;

  static async start(options: Partial<Http2Options> = {}): Promise<Responder> {
    const responder = new Responder();
    responder.#server = await RunningServer.start((stream) => {
      responder.#take(stream);
    }, options);
    return responder;
  }

  get running(): RunningServer {
    if (this.#server === undefined) throw new Error('the server is not started');
    return this.#server;
  }

  #take(stream: Http2Stream): void {
    const seen: SeenRequest = {
      stream,
      headers: stream.headers,
      body: '',
      trailers: undefined,
      ended: false,
      closed: undefined,
    };
    this.requests.set(stream.id, seen);
    handle(stream, {
      onData: (bytes) => {
        seen.body += bytes.toString('latin1');
        if (stream.headers.path !== '/unread') stream.consume(bytes.length);
      },
      onEnd: (trailers) => {
        seen.ended = true;
        seen.trailers = trailers;
        respond(stream);
      },
      onClose: (reason) => {
        seen.closed = reason;
      },
    });
    if (stream.headers.path === '/early') respond(stream);
  }
}

function respond(stream: Http2Stream): void {
  const [, kind = '', size = ''] = stream.headers.path.split('/');
  switch (kind) {
    case 'wait':
      break;
    case 'bytes':
      stream.sendHeaders(OK);
      stream.sendData(Buffer.alloc(Number(size), 'x'));
      stream.sendTrailers(TRAILERS);
      break;
    case 'headers':
      stream.sendHeaders(
        new HeaderBlock([
          [':status', '200'],
          ['x-long', 'y'.repeat(Number(size))],
        ]),
      );
      stream.end();
      break;
    case 'end':
      stream.sendHeaders(OK);
      stream.end();
      break;
    default:
      stream.sendFixed(EMPTY_ANSWER);
  }
}
