/** A parameter in OpenAPI's form. */
export type Parameter = Readonly<Record<string, unknown>>;

export function inQuery(name: string, description: string, schema: object = {}): Parameter {
  return { name, in: 'query', description, schema: { type: 'string', ...schema } };
}

export function inPath(name: string, description: string): Parameter {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

const TIME = 'RFC 3339, unix seconds, a duration before now such as 10m, or now';

export const NAMESPACE = inQuery('namespace', 'The containerd namespace.');
export const SINCE = inQuery('since', `Start with the first event at this time or later: ${TIME}.`);
export const UNTIL = inQuery('until', `End with the last event at this time: ${TIME}.`);

export const EVENT_PARAMETERS: readonly Parameter[] = [
  {
    name: 'filter',
    in: 'query',
    description:
      "A filter in containerd's language. Selectors joined by commas have to match all; of several filters, one has to.",
    schema: { type: 'array', items: { type: 'string' } },
    explode: true,
    example: ['topic=="/tasks/exit",event.exit_status==137'],
  },
  NAMESPACE,
  inQuery('container', 'Only the events of the container with this id; needs namespace.'),
  SINCE,
  UNTIL,
  inQuery('after', 'Start after the event with this cursor.'),
  inQuery('kept_exits_after', 'Part of `next`: where a page ended among the kept exits.'),
  inQuery('last', 'Start with the newest events that pass the filter.', { type: 'integer' }),
  inQuery('limit', 'End after so many events. A page has at most 1000, and 100 by default.', {
    type: 'integer',
  }),
  inQuery('follow', 'Whether a stream goes on with new events: true by default for SSE.', {
    type: 'boolean',
  }),
  inQuery('gaps', 'What a lost position means: continue after the gap, or fail with 410.', {
    enum: ['continue', 'fail'],
  }),
  inQuery('format', 'The form of each event.', { enum: ['foghorn', 'cloudevents'] }),
  inQuery('heartbeat', 'Time between two signs of life of a stream, such as 15s.'),
  {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'A browser sends it when it connects again; counts before `after`.',
    schema: { type: 'string' },
  },
];
