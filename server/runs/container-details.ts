import { ContainerCreate, ContainerUpdate } from '../../protos/gen/containerd/events/container.js';
import { DockerContainer, type DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { ContainerdContainer } from '../../protos/gen/foghorn/v1/recording.js';
import { attributesOn } from '../../protocol/container-attributes.js';
import { nameInLabels } from './container-conventions.js';

type Labels = ReadonlyMap<string, string>;

const NO_LABELS: Labels = new Map();

/** Attributes of an engine's events that are no labels. */
const OWN_ATTRIBUTES = ['image', 'name'];

/** Name, image and labels as one source reported them. */
interface Reported {
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
}

/** Name, image and labels of a container. An engine's word counts more than containerd's. */
export class ContainerDetails {
  #engine: Reported | undefined;
  #containerd: Reported | undefined;
  /** A description by containerd that precedes the creation. */
  #announced: ContainerdContainer | undefined;

  constructor(private readonly id: string) {}

  get name(): string {
    return this.#best?.name ?? this.id;
  }

  get image(): string {
    return this.#best?.image ?? '';
  }

  get labels(): Labels {
    return this.#best?.labels ?? NO_LABELS;
  }

  /** The image of containerd's object, which dockerd leaves empty. */
  get containerdImage(): string {
    return this.#containerd?.image ?? '';
  }

  get #best(): Reported | undefined {
    return this.#engine ?? this.#containerd;
  }

  /** @param isLate whether this came after the moment in question, so that it only fills in */
  described(description: ContainerdContainer, isLate: boolean): void {
    const { image, labels, createdAt } = description;
    if (createdAt === undefined) this.#announced = description;
    if (createdAt !== undefined || this.#containerd === undefined) {
      this.#know(image, labels, isLate);
    }
  }

  created({ image }: ContainerCreate, isLate: boolean): void {
    const announced = this.#announced;
    this.#announced = undefined;
    this.#know(image || (announced?.image ?? ''), announced?.labels ?? NO_LABELS, isLate);
  }

  /** An update has all labels, and may leave out the image. */
  updated({ image, labels }: ContainerUpdate, isLate: boolean): void {
    this.#know(image || this.containerdImage, labels, isLate);
  }

  #know(image: string, labels: Labels, isLate: boolean): void {
    if (isLate && this.#containerd !== undefined) return;
    this.#containerd = { name: nameInLabels(this.id, labels), image, labels };
  }

  reportedByEngine(event: DockerEvent, isLate: boolean): void {
    if (isLate && this.#engine !== undefined) return;
    const labels = attributesOn(event);
    for (const name of OWN_ATTRIBUTES) labels.delete(name);
    const { name = this.name, image = this.image } = Object.fromEntries(event.attributes);
    this.#engine = { name, image, labels };
  }

  /** The engine's events count more, because a description may be older than they are. */
  describedByEngine({ name, image, labels }: DockerContainer): void {
    this.#engine ??= { name: name || this.id, image, labels };
  }
}
