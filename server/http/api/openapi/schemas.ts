/*
 * Schemas of the answers, strict: an answer with another member does not fit, so that the document
 * and the code cannot drift apart unnoticed.
 */

type Schema = Readonly<Record<string, unknown>>;

const CURSOR = { type: 'string', description: 'A position in the history, to resume after.' };
const TIME = { type: ['string', 'null'], format: 'date-time' };
const COUNT = { type: 'integer', minimum: 0 };
const CODE = {
  type: 'string',
  description: 'Programs decide by the code, never by the text.',
  examples: ['INVALID_ARGUMENT'],
};

function object(properties: Schema, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** As W3C Trace Context writes them. */
const TRACE = {
  traceparent: { type: 'string', description: 'The trace of the event; ignored if malformed.' },
  tracestate: { type: 'string' },
};

const POSITION = object({ offset: COUNT, cursor: CURSOR, stored_at: TIME });

const RUN = {
  pid: { ...COUNT, description: '0 if it was not reported.' },
  started_at: TIME,
  finished_at: TIME,
  exit_code: {
    type: ['integer', 'null'],
    description: 'null while the run goes on, and if it cannot be known.',
  },
  lost_reason: { type: 'string', description: 'Why the end cannot be known; empty if it can.' },
  last_seen: TIME,
  failed_to_start: { type: 'boolean' },
  oom: { type: 'boolean', description: 'A process was killed because memory was used up.' },
  cursor: { type: 'string', description: 'The entry that reported the end; empty if none did.' },
};

const CONTAINER = object(
  {
    namespace: { type: 'string' },
    id: { type: 'string' },
    name: { type: 'string' },
    image: { type: 'string', description: 'Empty if it was not reported.' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    state: { enum: ['created', 'running', 'paused', 'exited', 'lost', 'removed'] },
    created_at: TIME,
    removed_at: TIME,
    run: { $ref: '#/components/schemas/Run' },
  },
  ['run'],
);

const KNOWLEDGE = {
  known_from: { ...TIME, description: 'Time of the first kept entry.' },
  maybe_outdated: {
    type: 'boolean',
    description: 'A recorder is away: the newest may be missing.',
  },
};

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Error: object({ code: CODE, message: { type: 'string' } }),
  Payload: {
    type: 'object',
    description:
      'With "@type" and all fields of a known type, or with "type_url" and "value" in base64.',
    anyOf: [{ required: ['@type'] }, { required: ['type_url', 'value'] }],
  },
  Event: object(
    {
      cursor: CURSOR,
      timestamp: { type: ['string', 'object'], description: 'When it happened, RFC 3339.' },
      namespace: { type: 'string' },
      topic: { type: 'string' },
      event: ref('Payload'),
      ...TRACE,
    },
    ['event', 'traceparent', 'tracestate'],
  ),
  NewEvent: object(
    {
      topic: { type: 'string', examples: ['/tasks/exit'] },
      namespace: { type: 'string' },
      event: ref('Payload'),
      id: { type: 'string', maxLength: 64, description: 'A second one with it is a duplicate.' },
      timestamp: { type: ['string', 'object'], description: 'When it happened; now by default.' },
      cursor: { description: 'Ignored, so that events that were read can be sent.' },
      ...TRACE,
    },
    ['namespace', 'event', 'id', 'timestamp', 'cursor', 'traceparent', 'tracestate'],
  ),
  CloudEvent: {
    type: 'object',
    description: 'CloudEvents 1.0. The extension "topic" is required to publish.',
    properties: {
      specversion: { const: '1.0' },
      id: { type: 'string' },
      source: { type: 'string' },
      type: { type: 'string' },
      subject: { type: 'string' },
      time: { type: 'string', format: 'date-time' },
      datacontenttype: { type: 'string' },
      data: {},
      data_base64: { type: 'string' },
      namespace: { type: 'string' },
      topic: { type: 'string' },
      ...TRACE,
    },
    required: ['specversion', 'id', 'source', 'type'],
  },
  Gap: object({
    reason: { enum: ['trimmed', 'rolled back', 'store recreated', 'damaged', 'not recorded'] },
    from: CURSOR,
    to: CURSOR,
    lost_at_most: { ...COUNT, description: '0 when the number is unknown.' },
  }),
  EventPage: object({
    events: { type: 'array', items: { anyOf: [ref('Event'), ref('CloudEvent')] } },
    gaps: { type: 'array', items: ref('Gap') },
    cursor: CURSOR,
    next: { type: 'string', description: 'The path of the next page.' },
    complete: {
      type: 'boolean',
      description: 'Whether the page ends where the history ended when it was asked for.',
    },
  }),
  Stored: object({ cursor: CURSOR, duplicate: { type: 'boolean' } }),
  StoredMany: object({
    results: { type: 'array', items: { anyOf: [ref('Stored'), ref('Error')] } },
  }),
  Exit: object({
    exit_code: { type: 'integer' },
    exited_at: TIME,
    pid: { ...COUNT, description: '0 if it was not reported.' },
    cursor: CURSOR,
  }),
  Run: object(RUN),
  Container: CONTAINER,
  Containers: object({
    ...KNOWLEDGE,
    containers: { type: 'array', items: ref('Container') },
  }),
  Runs: object({
    ...KNOWLEDGE,
    runs: { type: 'array', items: object({ container: ref('Container'), ...RUN }) },
  }),
  Description: object({
    store: { type: 'string' },
    durability: { enum: ['memory', 'os', 'second', 'fsync'] },
    epoch: { type: 'string' },
    entry_count: COUNT,
    stored_bytes: COUNT,
    first: { anyOf: [POSITION, { type: 'null' }] },
    last: { anyOf: [POSITION, { type: 'null' }] },
    kept_exit_count: COUNT,
    trimmed_count: COUNT,
    entry_bytes: COUNT,
    retention: object({
      age_seconds: { type: ['number', 'null'] },
      bytes: { type: ['integer', 'null'] },
      count: { type: ['integer', 'null'] },
      exits_age_seconds: { type: ['number', 'null'] },
      exits_bytes: { type: ['integer', 'null'] },
    }),
    subscription_count: COUNT,
    version: { type: 'string' },
  }),
  Readers: object({
    readers: {
      type: 'array',
      items: object({
        id: COUNT,
        caller: { type: 'string', description: 'Empty for a local caller without a name.' },
        opened_at: TIME,
        state: { enum: ['live', 'reading'] },
        lag: { ...COUNT, description: 'Entries that it has not considered yet.' },
      }),
    },
  }),
  Histogram: object({
    bounds: { type: 'array', items: { type: 'number' }, description: 'Upper bounds, ascending.' },
    counts: {
      type: 'array',
      items: COUNT,
      description: 'How many are in each bucket, and in the last one those above all bounds.',
    },
    sum: { type: 'number' },
  }),
  Activity: object({
    append_seconds: ref('Histogram'),
    flush_seconds: ref('Histogram'),
    checkpoint_seconds: ref('Histogram'),
    redis: {
      anyOf: [
        object({ round_trip_seconds: ref('Histogram'), reconnects: COUNT }),
        { type: 'null' },
      ],
    },
    disk: { anyOf: [object({ free: COUNT, size: COUNT }), { type: 'null' }] },
    headroom_seconds: {
      type: ['number', 'null'],
      description: 'Time until --retain-bytes is reached, at the rate of the last day.',
    },
    open_waits: COUNT,
  }),
  Recorders: object({
    recorders: {
      type: 'array',
      items: object({
        kind: { enum: ['docker', 'containerd'] },
        namespace: { type: ['string', 'null'], description: 'null for all namespaces.' },
        state: {
          enum: ['attached', 'daemon_away', 'gone', 'missing'],
          description:
            'attached: follows its daemon, unless it is too old to report it. ' +
            'daemon_away: runs, but does not follow its daemon. ' +
            'missing: recorded before the start, and has not come back.',
        },
        since: TIME,
        reason: {
          type: ['string', 'null'],
          description: 'Why it does not follow its daemon; null if it does.',
        },
        missed_spans: {
          type: ['integer', 'null'],
          description:
            'Spans in which events may be missing, reported since its start. ' +
            'null, like spool, for a recorder that is away or too old to report it.',
        },
        spool: {
          anyOf: [object({ entries: COUNT, bytes: COUNT, oldest: TIME }), { type: 'null' }],
          description: 'Events that wait for the broker, and the time of the oldest.',
        },
      }),
    },
  }),
  Consumers: object({
    consumers: {
      type: 'array',
      items: object({
        name: { type: 'string' },
        owner: { type: 'string' },
        paused: { type: 'string', description: 'Why it delivers nothing; empty if it does.' },
        created_at: TIME,
        filters: { type: 'array', items: { type: 'string' } },
        members: { ...COUNT, description: 'Those attached to this broker.' },
        lag: { ...COUNT, description: 'Entries that are not acknowledged yet, wanted or not.' },
        oldest_unacknowledged: TIME,
        in_flight: COUNT,
        acknowledged: COUNT,
        failed_deliveries: COUNT,
        parked: COUNT,
        gaps: COUNT,
        lost_at_most: COUNT,
        hold_bytes: { ...COUNT, description: 'Bytes that retention keeps for it; 0 for none.' },
        hold_exceeded: { type: 'boolean', description: 'Whether entries that it holds were lost.' },
      }),
    },
  }),
  Alive: object({ alive: { const: true } }),
  Readiness: object({
    ready: { type: 'boolean' },
    reasons: {
      type: 'array',
      items: object({ source: { type: 'string' }, reason: { type: 'string' } }),
      description: 'Why events cannot be stored.',
    },
    warnings: {
      type: 'array',
      items: object({ source: { type: 'string' }, reason: { type: 'string' } }),
      description:
        'What needs attention, though events can be stored: ' +
        'the access file, TLS files, the clock, the disk, recorders that have gone or whose daemon is away, ' +
        'readers that were overtaken.',
    },
  }),
};
