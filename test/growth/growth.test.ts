import { anyFromJson, timestampFromJson } from '../../protocol/payload-json.js';
import { dockerEventJson, dockerTopic, parseDockerEvent } from '../../protocol/docker-event.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { parseRfc3339 } from '../../protocol/rfc3339.js';
import { readEncodedAny } from '../../protocol/wire/any.js';
import { decodeAppendRequest } from '../../protocol/wire/append-request.js';
import { decodeAppendResponse } from '../../protocol/wire/append-response.js';
import { decodeForwardRequest, decodePublishRequest } from '../../protocol/wire/event-requests.js';
import { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { ReadRequest, WaitRequest } from '../../protos/gen/foghorn/v1/history.js';
import { parseDuration, parseTime } from '../../cli/format/time.js';
import { parseSize } from '../../cli/format/size.js';
import { parseAccessFile } from '../../server/access/access-file.js';
import { isOlder, negotiatedVersion, splitApiPath } from '../../server/docker/api-version.js';
import { matchAccept } from '../../server/docker/content-type.js';
import { parseEventFilters } from '../../server/docker/event-filters.js';
import { parseEventQuery } from '../../server/docker/event-query.js';
import { familiarName } from '../../protocol/image-reference.js';
import { parseListFilters } from '../../server/docker/list-filters.js';
import { PrefixSet } from '../../server/docker/prefix-set.js';
import { parseQueryBoolean } from '../../server/docker/query-boolean.js';
import { parseQueryTime } from '../../server/docker/query-time.js';
import { parseWaitCondition } from '../../server/docker/wait.js';
import { subjectOf } from '../../server/events/container-key.js';
import { parseCursor } from '../../server/events/cursor.js';
import { decodedFields } from '../../server/events/event-fields.js';
import { goFormatWithoutArguments, goQuote } from '../../server/events/go-text.js';
import { checkNamespace, checkTopic } from '../../server/events/names.js';
import { errorAt } from '../../server/filter/error.js';
import { parseFilters } from '../../server/filter/index.js';
import { parse } from '../../server/filter/parser.js';
import { estimateProgramSize } from '../../server/filter/program-size.js';
import { unquote } from '../../server/filter/unquote.js';
import { decodeUnambiguous } from '../../server/filter/utf8.js';
import { timeLimit } from '../../server/grpc/time-limit.js';
import { bytesOf, textOf } from '../../server/grpc/metadata.js';
import { percentEncoded } from '../../server/grpc/status.js';
import { parseRedisUrl, withoutSecrets } from '../../server/history/redis/redis-url.js';
import { parseListenAddress } from '../../server/listen/listen-address.js';
import { readMetadata } from '../../server/services/containerd/subscribe-metadata.js';
import { expectLinear, type Reader } from './growth.js';
import { itReadsRepeated, type Repeated } from './repeated.js';

const METADATA = ['9', '0', '.', '-', 'T', '2023-01-01T00:00:00.', ' '];
const NAMES = ['/', '/a', 'a', 'a-', '-', '%[', '%', '"', '\x01', 'é', '😀', '\ufffd'];
const DIRECTIVES = [
  '%',
  '%[',
  '%[1',
  '%[]',
  '%[1]',
  ']%[',
  '%9',
  '%[9',
  '%*',
  '%.*',
  '%.',
  '% ',
  '%%',
];
const NUMBERS = ['9', '0', '.', '0.', '-', '+', ' ', 'x', '9:'];
const FILTERS = [
  'a,',
  'a.',
  'a==b,',
  'a',
  '=',
  ' ',
  '"',
  '"a".',
  '"\\x41",',
  'a~=|x|,',
  '!',
  'é',
  '\0',
  '\\',
];
const QUOTED = ['a', '\\x41', '\\u1234', '\\U0001F600', '\\777', '\\n', '\\', "'", '"', 'é'];
const PATTERNS = [
  '[',
  '[a',
  '[\\',
  '[[:a',
  '\\p{',
  '\\x{',
  '\\Q',
  '(',
  '(a',
  ')',
  'a{2}',
  '{1,',
  '(?i)',
  'a*',
  '|',
  '\\',
];
const REFERENCES = [
  'a',
  '-',
  'a-',
  'a--',
  '/',
  'a/',
  'a.',
  'a_',
  '__',
  ':',
  'a:',
  '@',
  '[',
  '[a:',
  'A',
  'A.',
  '0',
  'a@b:0',
];
const JSON_TEXTS = ['[', '{"a":', '"', '\\', '{"a":{', '[[]', ' '];

const TEXTS: readonly Repeated<string>[] = [
  { reads: 'a topic', units: NAMES, read: checkTopic },
  { reads: 'a topic after a slash', units: NAMES, before: '/', read: checkTopic },
  { reads: 'a namespace', units: NAMES, read: checkNamespace },
  { reads: 'a text to quote', units: NAMES, read: goQuote },
  { reads: 'a text to format', units: DIRECTIVES, read: goFormatWithoutArguments },
  {
    reads: 'a text to format that ends with a bracket',
    units: DIRECTIVES,
    after: ']',
    read: goFormatWithoutArguments,
  },
  { reads: 'a cursor', units: ['A', '=', ' ', '"', 'é'], read: parseCursor },
  { reads: 'a filter', units: FILTERS, read: (text) => parse(Buffer.from(text)) },
  {
    reads: 'a filter with a quoted value',
    units: QUOTED,
    before: 'a=="',
    after: '"',
    read: (text) => parse(Buffer.from(text)),
  },
  { reads: 'a filter of a request', units: FILTERS, read: (text) => parseFilters([text]) },
  {
    reads: 'the text of a bad filter',
    units: ['a', 'é'],
    read: (text) => errorAt(Buffer.from(text), 1, 'bad'),
  },
  {
    reads: 'a quoted text',
    units: QUOTED,
    before: '"',
    after: '"',
    read: (text) => unquote(Buffer.from(text)),
  },
  { reads: 'the size of a pattern', units: PATTERNS, read: estimateProgramSize },
  { reads: 'an RFC 3339 time', units: METADATA, read: parseRfc3339 },
  {
    reads: 'metadata of a subscription',
    units: METADATA,
    read: (text) =>
      readMetadata({ metadata: (key) => (key === 'foghorn-until' ? text : undefined) }),
  },
  {
    reads: 'a header',
    units: [', ', ',', 'é', 'a'],
    read: textOf,
  },
  {
    reads: 'bytes in a header',
    units: [',', 'é', 'a', '='],
    read: bytesOf,
    // Longer buffers have memory of their own, whose pages cost more than their bytes.
    maxLength: 5000,
  },
  { reads: 'the text of a status', units: ['%', 'é', 'a', '\ud800'], read: percentEncoded },
  {
    reads: 'a grpc-timeout',
    units: NUMBERS,
    after: 'S',
    read: (text) => timeLimit(text),
  },
  { reads: 'a time of a query', units: NUMBERS, read: (text) => parseQueryTime('since', text) },
  {
    reads: 'a time of a query after a number',
    units: NUMBERS,
    before: '1.',
    read: (text) => parseQueryTime('since', text),
  },
  {
    reads: 'a limit',
    units: NUMBERS,
    read: (text) => parseEventQuery(new URLSearchParams({ limit: text }), 0n),
  },
  {
    reads: 'a heartbeat',
    units: NUMBERS,
    read: (text) => parseEventQuery(new URLSearchParams({ heartbeat: text }), 0n),
  },
  { reads: 'filters of events', units: JSON_TEXTS, read: parseEventFilters },
  { reads: 'filters of a list', units: JSON_TEXTS, read: parseListFilters },
  { reads: 'a boolean', units: [' ', 'no'], read: (text) => parseQueryBoolean(text, true) },
  { reads: 'a wait condition', units: ['"', 'next-exit', 'é'], read: parseWaitCondition },
  {
    reads: 'an API version',
    units: ['1', '.', '1.'],
    read: (text) => negotiatedVersion(text, { min: '1.24', max: '1.51' }),
  },
  {
    reads: 'an API version to compare',
    units: ['1', '.', '1.'],
    read: (text) => isOlder(text, '1.24'),
  },
  {
    reads: 'a versioned path',
    units: ['1', '.', '/', '1/', '\n'],
    before: '/v',
    read: splitApiPath,
  },
  {
    reads: 'an Accept header',
    units: [' ', ',', ';', 'a;', 'a;q=1', 'a;q=0.0,', ' a', ';q=1'],
    read: (text) => matchAccept(text, ['a']),
  },
  { reads: 'an image reference', units: REFERENCES, read: familiarName },
  {
    reads: 'an image reference in a registry',
    units: REFERENCES,
    before: 'localhost/',
    read: familiarName,
  },
  {
    reads: 'an event of an engine',
    units: ['"timeNano": ', '"time":', '9', ' ', '{'],
    before: '{"timeNano":',
    read: parseDockerEvent,
  },
  {
    reads: 'a topic of an engine',
    units: ['-', '.', 'a.', ':', 'é', 'a'],
    read: (text) => dockerTopic({ type: text, action: text }),
  },
  {
    reads: 'an event for Docker clients',
    units: ['"', '<', 'é', '\u2028', '\ud800', 'a'],
    read: (text) =>
      dockerEventJson(
        DockerEvent.fromPartial({ type: text, actorId: text, attributes: new Map([[text, text]]) }),
        true,
      ),
  },
  { reads: 'a time in JSON', units: NUMBERS, read: (text) => timestampFromJson(text, 'time') },
  {
    reads: 'seconds in JSON',
    units: NUMBERS,
    read: (text) => timestampFromJson({ seconds: text }, 'time'),
  },
  {
    reads: 'bytes in JSON',
    units: ['A', '=', '-', ' '],
    read: (text) => anyFromJson({ type_url: 'x', value: text }, 'any', types),
  },
  {
    reads: 'a type in JSON',
    units: ['/', 'a', '"'],
    read: (text) => anyFromJson({ '@type': text }, 'any', types),
  },
  {
    reads: 'a payload field in JSON',
    units: ['9', 'é', '"'],
    read: (text) => taskExit.encode({ pid: text }),
  },
  {
    reads: 'an unknown payload field in JSON',
    units: ['9', 'é', '"'],
    read: (text) => taskExit.encode({ [text]: 1 }),
  },
  { reads: 'a time on the command line', units: NUMBERS, read: (text) => parseTime(text, 0n) },
  { reads: 'a duration', units: ['1h', '9', '1.', '.', '9ms', 'm', '.1d'], read: parseDuration },
  { reads: 'a size', units: NUMBERS, read: parseSize },
  {
    reads: 'a store URL',
    units: ['a,', ':', '@', '/', 'h:1,', '?', '&', '%', '//'],
    before: 'redis://',
    read: parseRedisUrl,
  },
  {
    reads: 'a store URL to show',
    units: ['//', '@', '//@', '&sentinel-password=', '/', 'a'],
    before: 'redis://',
    read: withoutSecrets,
  },
  { reads: 'an address', units: [':', '/', '9', 'a:', '1:'], read: parseListenAddress },
];

const MESSAGES = [
  '0a00',
  '0a020a00',
  '0a040a020a00',
  '1200',
  '1202',
  '0b',
  '0b0c',
  '80',
  'ff',
  '0801',
  '0a01ff',
  '2200',
  '1a020a00',
  '09',
];

const BYTES: readonly Repeated<Buffer>[] = [
  { reads: 'a PublishRequest', units: MESSAGES, read: decodePublishRequest },
  { reads: 'a ForwardRequest', units: MESSAGES, read: decodeForwardRequest },
  // Longer requests are counted first, which a short one that is refused at once is not.
  { reads: 'an AppendRequest', units: MESSAGES, read: decodeAppendRequest, maxLength: 16_000 },
  {
    reads: 'a large AppendRequest, in slices',
    units: MESSAGES,
    maxLength: 400_000,
    read: (bytes) => {
      const request = decodeAppendRequest(bytes);
      for (let n = 0; n < request.count; n += 1024) request.events(n, n + 1024);
    },
  },
  { reads: 'an AppendResponse', units: MESSAGES, read: decodeAppendResponse },
  { reads: 'a ReadRequest', units: MESSAGES, read: (bytes) => ReadRequest.decode(bytes) },
  { reads: 'a WaitRequest', units: MESSAGES, read: (bytes) => WaitRequest.decode(bytes) },
  { reads: 'an Any', units: MESSAGES, read: readEncodedAny },
  { reads: 'a payload', units: MESSAGES, read: (bytes) => taskExit.decode(bytes) },
  { reads: 'an envelope', units: MESSAGES, read: decodedFields },
  {
    reads: 'the subject of a payload',
    units: MESSAGES,
    read: (bytes) =>
      subjectOf({
        bytes,
        typeUrl: 'containerd.events.TaskExit',
        valueBegin: 0,
        valueEnd: bytes.length,
      }),
  },
  {
    reads: 'text that is not UTF-8',
    units: ['ff', 'e2', 'e282', 'f0', '61ff', 'efbfbd'],
    read: decodeUnambiguous,
  },
];

const types = PayloadTypes.load();
const taskExit = types.find('containerd.events.TaskExit')!;

const OTHERS: Readonly<Record<string, Reader<never>>> = {
  'values of a filter, and the events that they are compared with': {
    maxLength: 4000,
    make: (length: number) =>
      JSON.stringify({
        event: ['exec_start', ...Array.from({ length }, (_, n) => `x${n}`)],
      }) as never,
    read: (text: string) => {
      const filters = parseEventFilters(text);
      const event = DockerEvent.fromPartial({ action: 'die' });
      for (let n = 0; n < 1000; n++) filters.matches(event);
    },
  },
  'roles of an access file': {
    maxLength: 2000,
    make: (length: number) =>
      `roles:\n${Array.from({ length }, (_, n) => `  r${n}: {}\n`).join('')}` as never,
    read: (text: string) => parseAccessFile('access.yaml', text),
  },
  'prefixes of each other': {
    maxLength: 4000,
    make: (length: number) => Array.from({ length }, (_, n) => 'x'.repeat(n % 100)) as never,
    read: (prefixes: readonly string[]) => new PrefixSet(prefixes).matches('xxy'),
  },
};

describe('the time to read an input grows no faster than the input', function () {
  this.timeout(60_000);

  itReadsRepeated(TEXTS, BYTES);

  for (const [reads, reader] of Object.entries(OTHERS)) {
    it(reads, () => {
      expectLinear(reader);
    });
  }
});
