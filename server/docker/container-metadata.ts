import { familiarName } from './image-reference.js';
import { textBytes } from './text-bytes.js';

const NERDCTL_NAME = 'nerdctl/name';
const CRI = {
  container: 'io.kubernetes.container.name',
  pod: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
} as const;

/** The image and the labels of a container, as containerd's events have reported them so far. */
export class ContainerMetadata {
  constructor(
    readonly id: string,
    readonly image = '',
    readonly labels: ReadonlyMap<string, string> = new Map(),
  ) {}

  /** Approximate bytes in memory. */
  get bytes(): number {
    return 2 * (this.id.length + this.image.length) + textBytes(this.labels);
  }

  /** The metadata after a ContainerUpdate, which has all labels and may omit the image. */
  updated(image: string, labels: ReadonlyMap<string, string>): ContainerMetadata {
    return new ContainerMetadata(this.id, image === '' ? this.image : image, labels);
  }

  /**
   * The name for Docker clients: the one that nerdctl or Kubernetes has given, otherwise the id.
   */
  get name(): string {
    const nerdctl = this.labels.get(NERDCTL_NAME);
    if (nerdctl) return nerdctl;
    const container = this.labels.get(CRI.container);
    if (!container) return this.id;
    const rest = [CRI.pod, CRI.namespace, CRI.uid].map((label) => this.labels.get(label) ?? '');
    return ['k8s', container, ...rest].filter((part) => part !== '').join('_');
  }

  /** The attributes of an event. A label never overwrites an attribute of the event itself. */
  attributes(extras: Readonly<Record<string, string>> = {}): Map<string, string> {
    const attributes = new Map(this.labels);
    if (this.image !== '') attributes.set('image', familiarName(this.image));
    attributes.set('name', this.name);
    for (const [name, value] of Object.entries(extras)) attributes.set(name, value);
    return attributes;
  }
}
