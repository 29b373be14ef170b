import { parseEngineAddress } from '../../bridge/docker/engine-address.js';
import { parseAddress } from '../../client/transport/address.js';
import { decodeAny } from '../../cli/commands/publish/decode-any.js';
import { parseListenAddress } from '../../cli/commands/serve/listen-address.js';
import { csvLine } from '../../cli/format/csv.js';
import { parseTemplate } from '../../cli/format/template/parser.js';
import { cutText } from '../../cli/format/text-width.js';
import { escapeControls, escapeLines } from '../../protocol/escape-controls.js';
import { parseEnvelopeJson } from '../../protocol/event-json.js';
import { excerpt } from '../../protocol/excerpt.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { parseProtoDuration } from '../../protocol/proto-duration.js';
import { decodeSubscribeRequest } from '../../protocol/wire/event-requests.js';
import { decodeReadResponse } from '../../protocol/wire/read-response.js';
import { ConsumeRequest } from '../../protos/gen/foghorn/v1/consumers.js';
import { decodeLines } from '../../server/consumers/file/lines.js';
import { parseFilterValues } from '../../server/docker/filter-values.js';
import { parseLabelFilter } from '../../server/docker/label-filter.js';
import { parseLibpodQuery } from '../../server/docker/libpod-query.js';
import { checkIdentifier } from '../../server/events/names.js';
import { MessageReader } from '../../server/grpc/message-reader.js';
import { eventFromJson, parseJson } from '../../server/http/api/event-from-json.js';
import { parseCount, parseTimeParameter } from '../../server/http/api/query.js';
import { decodePath, splitTarget } from '../../server/http/docker/split-target.js';
import { scannerOf } from '../../server/http/engine/body-scanner.js';
import { parseRequestHead, parseResponseHead } from '../../server/http/engine/message-head.js';
import { readTarget } from '../../server/http/engine/request-target.js';
import { readDockerAddress } from '../../server/http/engine/socket-filter.js';
import { FrameReader } from '../../server/http2/connection/frame-reader.js';
import { HpackDecoder } from '../../server/http2/hpack/decoder.js';
import { HuffmanDecoder } from '../../server/http2/hpack/huffman-decoder.js';
import { TtrpcFrameReader } from '../../server/ttrpc/frame-reader.js';
import { RequestDecoder } from '../../server/ttrpc/request.js';
import { itReadsRepeated, type Repeated } from './repeated.js';

const types = PayloadTypes.load();
const NUMBERS = ['9', '0.', '-', ' ', '1h'];
const ADDRESSES = [':', '/', 'a:', '['];
const TARGETS = ['/a', '?', '%41', '%ff'];
const HEADERS = ['a', 'a: b\r\n', ' ', 'a: ', '\r\n'];
const JSON_TEXTS = ['[', '{"a":', '"', '\\', '9'];
const CONTROLS = ['a', '\u009b', '\n', '\ud800', '😀'];

const TEXTS: readonly Repeated<string>[] = [
  {
    reads: 'an identifier',
    units: ['a', 'a-', '-', '.', 'é'],
    read: (text) => {
      checkIdentifier(text);
    },
  },
  { reads: 'a text with control characters', units: CONTROLS, read: escapeControls },
  { reads: 'lines with control characters', units: CONTROLS, read: escapeLines },
  { reads: 'an excerpt', units: CONTROLS, read: (text) => excerpt(text) },
  { reads: 'a text for a table', units: CONTROLS, read: (text) => cutText(text, 1000) },
  { reads: 'a line of CSV', units: ['"', ',', '=', '\n', 'a'], read: (text) => csvLine([text]) },
  {
    reads: 'a template',
    units: ['{{', '{{.a}}', '{{"', '{{if .a}}', '{', '}}', '{{-'],
    read: parseTemplate,
  },
  {
    reads: 'an action of a template',
    units: [' ', '.a', '"a"', '(', '`', '\\', '|', 'a '],
    before: '{{',
    after: '}}',
    read: parseTemplate,
  },
  { reads: 'a duration in JSON', units: NUMBERS, after: 's', read: parseProtoDuration },
  {
    reads: 'an envelope in JSON',
    units: JSON_TEXTS,
    read: (text) => parseEnvelopeJson(text, types),
  },
  {
    reads: 'the event of an envelope in JSON',
    units: ['9', 'a', '/', 'é'],
    before: '{"topic":"',
    after: '"}',
    read: (text) => eventFromJson(parseJson(Buffer.from(text)), undefined, types),
  },
  { reads: 'a body in JSON', units: JSON_TEXTS, read: (text) => parseJson(Buffer.from(text)) },
  { reads: 'a target', units: TARGETS, before: '/', read: splitTarget },
  { reads: 'a path', units: TARGETS, before: '/', read: decodePath },
  { reads: 'a target for an engine', units: TARGETS, before: '/v1.41/', read: readTarget },
  {
    reads: 'the head of a request',
    units: HEADERS,
    before: 'GET / HTTP/1.1\r\nhost: a\r\n',
    read: (text) => parseRequestHead(Buffer.from(text, 'latin1')),
  },
  {
    reads: 'the head of a response',
    units: HEADERS,
    before: 'HTTP/1.1 200 OK\r\n',
    read: (text) => parseResponseHead(Buffer.from(text, 'latin1'), 'GET'),
  },
  {
    reads: 'a number of a query',
    units: NUMBERS,
    read: (text) => parseCount(new URLSearchParams({ a: text }), 'a', { min: 0, max: 9 }),
  },
  {
    reads: 'a time of the API',
    units: NUMBERS,
    read: (text) => parseTimeParameter(new URLSearchParams({ a: text }), 'a', 0n),
  },
  {
    reads: 'a query of Podman',
    units: [...NUMBERS, 'T', ':'],
    read: (text) => parseLibpodQuery(new URLSearchParams({ since: text }), 0n),
  },
  { reads: 'filters of Docker', units: JSON_TEXTS, read: parseFilterValues },
  { reads: 'a label to filter by', units: ['=', 'a', 'a='], read: parseLabelFilter },
  { reads: 'an address to listen on', units: ADDRESSES, read: parseListenAddress },
  { reads: 'an address to connect to', units: ADDRESSES, read: parseAddress },
  { reads: 'the address of an engine', units: ADDRESSES, read: parseEngineAddress },
  {
    reads: 'the address of a Docker socket',
    units: ['a,', 'a:', '&', '=', 'events,', '%'],
    before: 'unix:///a?allow=',
    read: readDockerAddress,
  },
];

const MESSAGES = ['0a00', '0a020a00', '1200', '0b', 'ff', '2200'];

/** An empty SETTINGS frame, DATA of one byte, the longest DATA, and no frames. */
const FRAMES = ['000000040000000000', '000001000000000001aa', '004000000000000001', 'ff', '00'];

function frameReader(): FrameReader {
  return new FrameReader({ onFrame: () => undefined });
}

const NO_LEDGER = {
  consume: () => undefined,
  keep: () => undefined,
  release: () => undefined,
};

function readMessages(bytes: Buffer, pieceLength: number): void {
  const reader = new MessageReader(NO_LEDGER);
  for (let at = 0; at < bytes.length; at += pieceLength) {
    reader.push(bytes.subarray(at, at + pieceLength));
    while (reader.next() !== undefined);
  }
}

function readHeaderBlock(bytes: Buffer): void {
  const limits = { maxHeaderListSize: Infinity, maxHeaderFields: Infinity };
  new HpackDecoder(limits, new HuffmanDecoder()).decode(bytes, 0, bytes.length);
}

const BYTES: readonly Repeated<Buffer>[] = [
  { reads: 'a SubscribeRequest', units: MESSAGES, read: decodeSubscribeRequest },
  {
    reads: 'a ReadResponse',
    units: MESSAGES,
    read: (bytes) => decodeReadResponse(bytes, (...fields) => ({ fields }) as never),
  },
  { reads: 'a ConsumeRequest', units: MESSAGES, read: (bytes) => ConsumeRequest.decode(bytes) },
  { reads: 'an Any on the command line', units: MESSAGES, read: decodeAny },
  {
    reads: 'a request of ttrpc',
    units: MESSAGES,
    read: (bytes) => new RequestDecoder().decode(bytes),
  },
  {
    reads: 'frames of ttrpc',
    units: ['00000000000000010100', '00000001000000010100aa', 'ff', '00'],
    read: (bytes) => {
      const ignored = { onFrame: () => undefined, onOversized: () => undefined };
      new TtrpcFrameReader(ignored).push(bytes);
    },
  },
  {
    reads: 'a header block of HTTP/2',
    units: ['82', '4001610162', '0001610162', '008187', '20', 'be', 'ff', '7f80', '00'],
    read: readHeaderBlock,
  },
  {
    reads: 'frames of HTTP/2',
    units: FRAMES,
    read: (bytes) => {
      frameReader().read(bytes);
    },
  },
  {
    reads: 'frames of HTTP/2 in pieces',
    units: FRAMES,
    read: (bytes) => {
      const reader = frameReader();
      for (let at = 0; at < bytes.length; at += 5) reader.read(bytes.subarray(at, at + 5));
    },
  },
  {
    reads: 'messages of gRPC',
    units: ['0000000000', '0000000001aa', '00000000ff', 'ff', '00'],
    read: (bytes) => {
      readMessages(bytes, bytes.length);
    },
  },
  {
    reads: 'messages of gRPC in pieces',
    units: ['0000000000', '0000000001aa', '00000000ff'],
    read: (bytes) => {
      readMessages(bytes, 3);
    },
  },
  {
    reads: 'a body in chunks',
    units: ['310d0a610d0a', '313b613d620d0a610d0a', '30', '0d0a', '3b', 'ff'],
    read: (bytes) => scannerOf({ kind: 'chunked' }).scan(bytes),
    maxLength: 16_000,
  },
  {
    reads: 'a log of consumers',
    units: ['30', '0a', '7b', '3030303030303030207b7d0a'],
    read: decodeLines,
  },
];

describe('the time to read an input of an edge grows no faster than the input', function () {
  this.timeout(60_000);

  itReadsRepeated(TEXTS, BYTES);
});
