import { familiarName } from './image-reference.js';

const NERDCTL_NAME = 'nerdctl/name';
const CRI = {
  container: 'io.kubernetes.container.name',
  pod: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
} as const;

/** What containerd's events have told of a container so far: its image and its labels. */
export class ContainerMetadata {
  constructor(
    readonly id: string,
    readonly image = '',
    readonly labels: ReadonlyMap<string, string> = new Map(),
  ) {}

  /** After ContainerUpdate, which has all labels and may leave the image out. */
  updated(image: string, labels: ReadonlyMap<string, string>): ContainerMetadata {
    return new ContainerMetadata(this.id, image === '' ? this.image : image, labels);
  }

  /** As Docker clients know it: the name that nerdctl or Kubernetes has given, otherwise the id. */
  get name(): string {
    const nerdctl = this.labels.get(NERDCTL_NAME);
    if (nerdctl) return nerdctl;
    const container = this.labels.get(CRI.container);
    if (!container) return this.id;
    const rest = [CRI.pod, CRI.namespace, CRI.uid].map((label) => this.labels.get(label) ?? '');
    return ['k8s', container, ...rest].filter((part) => part !== '').join('_');
  }

  /** The attributes of an event. What the event itself says is never overwritten by a label of the same name. */
  attributes(extras: Readonly<Record<string, string>> = {}): Map<string, string> {
    const attributes = new Map(this.labels);
    if (this.image !== '') attributes.set('image', familiarName(this.image));
    attributes.set('name', this.name);
    for (const [name, value] of Object.entries(extras)) attributes.set(name, value);
    return attributes;
  }
}
