import {
  EVENT_PARAMETERS,
  inPath,
  inQuery,
  NAMESPACE,
  SINCE,
  UNTIL,
  type Parameter,
} from './parameters.js';
import { ref } from './schemas.js';

type SpecObject = Readonly<Record<string, unknown>>;

function json(schema: SpecObject, type = 'application/json'): SpecObject {
  return { content: { [type]: { schema } } };
}

function answer(description: string, content: SpecObject = {}): SpecObject {
  return { description, ...content };
}

const ERROR = answer('The request failed; see the code.', json(ref('Error')));

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: SpecObject;
  readonly responses: SpecObject;
}

function operation({ responses, ...rest }: Operation): SpecObject {
  return { ...rest, responses: { default: ERROR, ...responses } };
}

const STREAM_TEXT =
  'Server-sent events: the data of each is an event, its id the cursor. `live` says that all ' +
  'stored events were sent, `gap` that events are lost, `end` that nothing follows. Comments are ' +
  'signs of life. A browser resumes by itself after a broken connection.';

const EVENTS = answer('The events.', {
  content: {
    'application/json': { schema: ref('EventPage') },
    'application/cloudevents-batch+json': {
      schema: { type: 'array', items: ref('CloudEvent') },
    },
    'text/event-stream': { schema: { type: 'string', description: STREAM_TEXT } },
    'application/x-ndjson': {
      schema: {
        type: 'string',
        description:
          'One event a line; `live`, `gap`, `end` and `heartbeat` are objects of one member.',
      },
    },
  },
});

const PUBLISH_BODY = {
  required: true,
  content: {
    'application/json': {
      schema: { anyOf: [ref('NewEvent'), { type: 'array', items: ref('NewEvent') }] },
    },
    'application/cloudevents+json': { schema: ref('CloudEvent') },
    'application/cloudevents-batch+json': { schema: { type: 'array', items: ref('CloudEvent') } },
  },
};

const SELECTION_PARAMETERS = [
  NAMESPACE,
  inQuery('reference', 'A whole id, a name, or the beginning of an id.'),
  inQuery('image', 'As it was named, in the short form, or without the tag.'),
  {
    ...inQuery('label', 'name or name=value; several have to fit.'),
    schema: { type: 'array', items: { type: 'string' } },
  },
];

const WAIT_PARAMETERS = [
  inPath('namespace', 'The containerd namespace.'),
  inPath('id', "The container's id."),
  inQuery('timeout', 'How long to wait, such as 30s (the default); at most an hour.'),
  inQuery('exec', 'The id of an exec, whose end is waited for.'),
  inQuery('pid', 'Wait for the run with this process id.', { type: 'integer' }),
  inQuery('next', 'Wait for the next end from now on.', { type: 'boolean' }),
  inQuery('after', 'Wait for the first end after this cursor.'),
];

export const PATHS: Readonly<Record<string, SpecObject>> = {
  '/v1/events': {
    get: operation({
      operationId: 'readEvents',
      summary: 'Read past and new events',
      description: 'The header Accept chooses between a page of JSON and a stream.',
      parameters: EVENT_PARAMETERS,
      responses: { 200: EVENTS },
    }),
    post: operation({
      operationId: 'publishEvents',
      summary: 'Publish one event or many',
      description:
        'Answers when the events are durable. CloudEvents may also come in binary mode, with ce- headers.',
      parameters: [NAMESPACE],
      requestBody: PUBLISH_BODY,
      responses: {
        200: answer('Stored; with several events, the answer to each.', {
          content: {
            'application/json': { schema: { anyOf: [ref('Stored'), ref('StoredMany')] } },
          },
        }),
        default: answer('Refused; with several events, the reason of each.', {
          content: { 'application/json': { schema: { anyOf: [ref('Error'), ref('StoredMany')] } } },
        }),
      },
    }),
  },
  '/v1/containers': {
    get: operation({
      operationId: 'containers',
      summary: 'The containers that existed at a moment',
      parameters: [
        ...SELECTION_PARAMETERS,
        inQuery('at', 'The moment; now by default.'),
        inQuery('removed', 'Also those that were removed by then.', { type: 'boolean' }),
      ],
      responses: { 200: answer('In no particular order.', json(ref('Containers'))) },
    }),
  },
  '/v1/runs': {
    get: operation({
      operationId: 'runs',
      summary: 'The runs of containers that ended in a span of time',
      parameters: [
        ...SELECTION_PARAMETERS,
        SINCE,
        UNTIL,
        inQuery('failed', 'Only runs that failed.', { type: 'boolean' }),
        inQuery('open', 'Also runs that overlap the span and had not ended by its end.', {
          type: 'boolean',
        }),
      ],
      responses: { 200: answer('In no particular order.', json(ref('Runs'))) },
    }),
  },
  '/v1/containers/{namespace}/{id}/wait': {
    get: operation({
      operationId: 'waitForExit',
      summary: 'Wait for the end of a run',
      description:
        'A long poll. Without other parameters it answers when the newest run has ended, at once if it has.',
      parameters: WAIT_PARAMETERS,
      responses: {
        200: answer('How the run ended.', json(ref('Exit'))),
        204: answer('Not yet: ask again.'),
      },
    }),
  },
  '/v1/describe': {
    get: operation({
      operationId: 'describe',
      summary: 'The extent of the history',
      responses: {
        200: answer('Its bounds, size, limits and durability.', json(ref('Description'))),
      },
    }),
  },
  '/v1/readers': {
    get: operation({
      operationId: 'readers',
      summary: 'The subscriptions of this broker',
      responses: { 200: answer('Who reads now, and how far behind.', json(ref('Readers'))) },
    }),
  },
  '/v1/broker': {
    get: operation({
      operationId: 'broker',
      summary: 'How fast this broker stores, and how much space there is',
      description: 'For callers who may read every namespace.',
      responses: { 200: answer('Since its start, and now.', json(ref('Activity'))) },
    }),
  },
  '/v1/recorders': {
    get: operation({
      operationId: 'recorders',
      summary: 'The recorders of this broker since its start',
      responses: { 200: answer('Those that have gone, too.', json(ref('Recorders'))) },
    }),
  },
  '/v1/consumers': {
    get: operation({
      operationId: 'consumers',
      summary: 'The durable consumers of the caller',
      description: 'All of them for a caller with the right admin.',
      responses: { 200: answer('In order of their names.', json(ref('Consumers'))) },
    }),
  },
  '/healthz': {
    get: operation({
      operationId: 'alive',
      summary: 'Whether the broker lives',
      responses: { 200: answer('It does.', json(ref('Alive'))) },
    }),
  },
  '/readyz': {
    get: operation({
      operationId: 'ready',
      summary: 'Whether events can be stored',
      responses: {
        200: answer('They can.', json(ref('Readiness'))),
        503: answer('They cannot, for these reasons.', json(ref('Readiness'))),
      },
    }),
  },
};
