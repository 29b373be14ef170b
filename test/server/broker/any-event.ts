import fc from 'fast-check';
import type { EventSpec } from './event-views.js';

export const anyNamespace = fc.constantFrom('default', 'moby', 'k8s.io');
const topic = fc.constantFrom('/tasks/exit', '/tasks/start', '/tasks/exit/x', '/x');
export const anyId = fc.constantFrom('', 'c1', 'c2', 'c3', 'e1', 'a b');

/** Events, many of which concern the same few containers. */
export const anyEvent: fc.Arbitrary<EventSpec> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      namespace: anyNamespace,
      topic,
      exit: fc.record({ containerId: anyId, id: anyId }),
    }),
  },
  fc.record({ namespace: anyNamespace, topic }),
  fc.record({
    namespace: anyNamespace,
    topic,
    raw: fc.constantFrom(
      { typeUrl: 'foo.Bar', value: '0a026331' },
      { typeUrl: 'containerd.events.TaskExit', value: 'ff' },
      { typeUrl: 'type.googleapis.com/containerd.events.TaskOOM', value: '0a026331' },
    ),
  }),
);

const field = fc.constantFrom(
  'namespace',
  'topic',
  'event.container_id',
  'event.id',
  'event.nosuch',
);
const value = fc.oneof(anyNamespace, topic, anyId).map((text) => JSON.stringify(text));
const pattern = fc.constantFrom('"^/tasks/"', '"c[12]"', '""', '"x$"', '"moby|default"');
const selector = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(field, value).map(([path, text]) => `${path}==${text}`) },
  fc.tuple(field, value).map(([path, text]) => `${path}!=${text}`),
  fc.tuple(field, pattern).map(([path, text]) => `${path}~=${text}`),
  field,
);
/** Filters, many of which refer to fields of those events. */
export const anyFilter = fc
  .array(selector, { maxLength: 3 })
  .map((selectors) => selectors.join(','));
