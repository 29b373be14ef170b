import type { RequestListener } from '../api.js';
import { ConnectionError, protocolError } from '../connection-error.js';
import { ERROR_CODE } from '../error-code.js';
import type { ReceiveFlow } from '../flow/receive-flow.js';
import type { HeaderList } from '../header-list.js';
import type { HpackDecoder } from '../hpack/decoder.js';
import type { ClientConduct } from '../limits/client-conduct.js';
import { FLAG } from '../protocol.js';
import type { Stream } from '../stream/stream.js';
import type { Streams } from '../stream/streams.js';
import type { WholeBlock } from './header-block-reader.js';

/** Memory of a list beside the texts that it shares with the table: a reference for each field. */
const BYTES_PER_FIELD = 8;

/** Shorter DATA frames cost much more than they carry; the smallest message of gRPC has 5 bytes. */
const TINY_DATA_BYTES = 5;

/** Receives requests: header lists, bodies and trailers (RFC 9113, section 8.1). */
export class RequestReceiver {
  /** Streams above this one are ignored, because a GOAWAY excluded them. */
  lastAccepted = Infinity;

  constructor(
    private readonly streams: Streams,
    private readonly decoder: HpackDecoder,
    private readonly flow: ReceiveFlow,
    private readonly conduct: ClientConduct,
    private readonly maxConcurrentStreams: number,
    private readonly listener: RequestListener,
  ) {}

  onHeaderBlock(block: WholeBlock, id: number): void {
    // Blocks of streams that are not answered change the table for later ones, too.
    const list = this.decoder.decode(block.bytes, block.begin, block.end);
    const { streams } = this;
    const open = streams.open.get(id);
    if (open !== undefined) {
      this.#onTrailers(open, list, block.endStream);
    } else if (id <= streams.lastId) {
      if (streams.wasReset(id)) return;
      throw new ConnectionError(ERROR_CODE.STREAM_CLOSED, 'HEADERS of a stream that has ended');
    } else {
      streams.lastId = id;
      if (id <= this.lastAccepted) this.#onRequest(list, block, id);
    }
  }

  #onRequest(list: HeaderList, block: WholeBlock, id: number): void {
    const { streams } = this;
    if (streams.open.size >= this.maxConcurrentStreams) {
      streams.faultOf(id, ERROR_CODE.REFUSED_STREAM);
    } else if (list.isTooLarge) {
      streams.faultOf(id, ERROR_CODE.ENHANCE_YOUR_CALM);
    } else if (block.dependsOnItself || !list.isRequest) {
      streams.faultOf(id, ERROR_CODE.PROTOCOL_ERROR);
    } else {
      const stream = streams.begin(id, list);
      const memory = block.end - block.begin + list.count * BYTES_PER_FIELD;
      if (!streams.hold(stream, memory)) {
        streams.fault(stream, ERROR_CODE.ENHANCE_YOUR_CALM);
        return;
      }
      // Even with END_STREAM the listener gets its stream before the request's end.
      this.listener(stream);
      if (block.endStream && !stream.closed) this.#onRequestEnd(stream, undefined);
    }
  }

  #onTrailers(stream: Stream, list: HeaderList, endStream: boolean): void {
    if (stream.requestEnded) {
      this.streams.fault(stream, ERROR_CODE.STREAM_CLOSED);
    } else if (!endStream || !list.isTrailers || list.isTooLarge) {
      this.streams.fault(stream, ERROR_CODE.PROTOCOL_ERROR);
    } else {
      this.#onRequestEnd(stream, list);
    }
  }

  onData(bytes: Buffer, frameBegin: number, frameEnd: number, flags: number, id: number): void {
    const length = frameEnd - frameBegin;
    let begin = frameBegin;
    let end = frameEnd;
    if ((flags & FLAG.PADDED) !== 0) {
      const padding = begin < end ? (bytes[begin] ?? 0) : length;
      if (padding >= length) throw protocolError('DATA with more padding than payload');
      begin += 1;
      end -= padding;
    }
    const endStream = (flags & FLAG.END_STREAM) !== 0;
    if (end - begin < TINY_DATA_BYTES && !endStream) this.conduct.countUselessFrame();
    this.flow.receive(length);
    const stream = this.streams.open.get(id);
    if (stream === undefined) {
      this.#onDataOfNoStream(id);
      return;
    }
    if (stream.requestEnded) {
      this.streams.fault(stream, ERROR_CODE.STREAM_CLOSED);
      return;
    }
    if (!this.flow.receiveOn(stream, length)) {
      this.streams.fault(stream, ERROR_CODE.FLOW_CONTROL_ERROR);
      return;
    }
    if (length > end - begin) this.flow.credit(stream, length - (end - begin));
    if (end > begin) this.#deliver(stream, bytes, begin, end);
    if (endStream && !stream.closed) this.#onRequestEnd(stream, undefined);
  }

  #deliver(stream: Stream, bytes: Buffer, begin: number, end: number): void {
    const length = end - begin;
    if (stream.contentLeft >= 0 && (stream.contentLeft -= length) < 0) {
      this.streams.fault(stream, ERROR_CODE.PROTOCOL_ERROR);
    } else if (!this.streams.hold(stream, length)) {
      this.streams.fault(stream, ERROR_CODE.ENHANCE_YOUR_CALM);
    } else {
      stream.handler.onData(bytes.subarray(begin, end));
    }
  }

  #onRequestEnd(stream: Stream, trailers: HeaderList | undefined): void {
    if (stream.contentLeft > 0) {
      this.streams.fault(stream, ERROR_CODE.PROTOCOL_ERROR);
      return;
    }
    stream.requestEnded = true;
    stream.handler.onEnd(trailers);
  }

  #onDataOfNoStream(id: number): void {
    if (id === 0 || id > this.streams.lastId || (id & 1) === 0) {
      throw protocolError('DATA of a stream that is not open');
    }
    if (id > this.lastAccepted || this.streams.wasReset(id)) return;
    this.streams.faultOf(id, ERROR_CODE.STREAM_CLOSED);
  }
}
