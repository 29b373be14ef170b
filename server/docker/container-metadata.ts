import { familiarName } from '../../protocol/image-reference.js';
import { nameInLabels } from '../runs/container-conventions.js';
import { textBytes } from './text-bytes.js';

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

  /** The name for Docker clients. */
  get name(): string {
    return nameInLabels(this.id, this.labels);
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
