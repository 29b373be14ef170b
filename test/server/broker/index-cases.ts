import type { ContainerKey } from '../../../server/events/filing.js';
import type { EventSpec } from './event-views.js';

/** Events that an index could confuse. */
export const events: Readonly<Record<string, EventSpec>> = {
  exit: { namespace: 'moby', topic: '/tasks/exit', exit: { containerId: 'c1', id: 'c1' } },
  execExit: { namespace: 'moby', topic: '/tasks/exit', exit: { containerId: 'c1', id: 'e1' } },
  namesake: { namespace: 'k8s.io', topic: '/tasks/exit', exit: { containerId: 'c1', id: 'c1' } },
  otherTopic: { namespace: 'moby', topic: '/tasks/exit/x', exit: { containerId: 'c2', id: 'c1' } },
  anonymous: { namespace: 'moby', topic: '/tasks/exit', exit: { containerId: '', id: '' } },
  blank: { namespace: 'moby', topic: '/tasks/exit', exit: { containerId: 'a b', id: '' } },
  unknown: { namespace: 'moby', topic: '/x', raw: { typeUrl: 'foo.Bar', value: '0a026331' } },
  garbage: {
    namespace: 'moby',
    topic: '/x',
    raw: { typeUrl: 'containerd.events.TaskExit', value: 'ff' },
  },
  bare: { namespace: 'default', topic: '/x' },
};

interface IndexCase {
  readonly filters: readonly string[];
  readonly container?: ContainerKey;
  /** Names of the events it wants, in the order above. */
  readonly wants: readonly string[];
}

const all = Object.keys(events);
const moby = all.filter((name) => events[name]?.namespace === 'moby');

/** Cases on which the naive matcher and the index must agree. */
export const cases: readonly IndexCase[] = [
  { filters: [], wants: all },
  { filters: [''], wants: all },
  { filters: ['namespace==moby'], wants: moby },
  // The same bucket twice, and two buckets of one event: still once.
  { filters: ['namespace==moby', 'namespace==moby'], wants: moby },
  {
    filters: ['namespace==moby', 'topic=="/tasks/exit"'],
    wants: [...all.slice(0, 6), 'unknown', 'garbage'],
  },
  {
    filters: ['event.container_id==c1', 'event.id==c1'],
    wants: ['exit', 'execExit', 'namesake', 'otherTopic'],
  },
  // Two values for one field: the filter is filed under one of them and never true.
  { filters: ['event.id==c1,event.id==e1'], wants: [] },
  { filters: ['topic=="/tasks/exit",event.id==e1,namespace==moby'], wants: ['execExit'] },
  // One filter that cannot be filed, so the subscriber is asked about everything.
  {
    filters: ['event.id==e1', 'topic~=x$'],
    wants: ['execExit', 'otherTopic', 'unknown', 'garbage', 'bare'],
  },
  // Nothing equals the empty string, because an empty field is absent.
  { filters: ['event.id==""'], wants: [] },
  { filters: ['namespace=="",topic=="/x"'], wants: [] },
  { filters: ['event.id!=c1,topic=="/x"'], wants: ['unknown', 'garbage', 'bare'] },
  { filters: ['event.nosuch==x'], wants: [] },
  { filters: ['nosuch==x', 'namespace==default'], wants: ['bare'] },
  // Path elements after namespace or topic are ignored.
  { filters: ['namespace.x==default'], wants: ['bare'] },
  { filters: ['topic.a.b=="/tasks/exit/x"'], wants: ['otherTopic'] },
  // Bytes that are not text equal no field.
  { filters: ['namespace=="\\xff"'], wants: [] },
  { filters: ['namespace==moby,namespace!=moby'], wants: [] },
  { filters: [], container: { namespace: 'moby', container: 'c1' }, wants: ['exit', 'execExit'] },
  {
    filters: ['event.id==e1'],
    container: { namespace: 'moby', container: 'c1' },
    wants: ['execExit'],
  },
  {
    filters: ['topic~=x', 'event.id==c1'],
    container: { namespace: 'k8s.io', container: 'c1' },
    wants: ['namesake'],
  },
  { filters: [], container: { namespace: 'moby', container: 'a b' }, wants: ['blank'] },
  // Equals namespace moby and container "a b" if the two are joined carelessly.
  { filters: [], container: { namespace: 'moby a', container: 'b' }, wants: [] },
  { filters: [], container: { namespace: 'moby', container: '' }, wants: [] },
];
