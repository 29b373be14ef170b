import type { Container } from '../../protocol/container.js';
import { isImage } from '../../protocol/image-reference.js';

/** A label that a container must have; without a value, any value will do. */
export interface WantedLabel {
  readonly name: string;
  readonly value: string | undefined;
}

/** Which containers an answer is about. A container has to fit everything that is defined. */
export interface ContainerSelection {
  readonly namespace: string | undefined;
  /** A whole id, a name, or the beginning of an id. */
  readonly reference: string | undefined;
  /** As it was named, in Docker's short form, or without the tag. */
  readonly image: string | undefined;
  readonly labels: readonly WantedLabel[];
}

/** Whether the image and the labels fit. */
export function isSelected(
  { image, labels }: Container,
  { image: wanted, labels: wantedLabels }: ContainerSelection,
): boolean {
  if (wanted !== undefined && !isImage(image, wanted)) return false;
  return wantedLabels.every(({ name, value }) => {
    const found = labels.get(name);
    return found !== undefined && (value === undefined || found === value);
  });
}

/** How a reference can name a container, the best way first. */
export type ReferenceKind = 'id' | 'name' | 'prefix';

/** How a reference names a container, if it does. */
export function referenceKind(
  { id, name }: Pick<Container, 'id' | 'name'>,
  reference: string,
): ReferenceKind | undefined {
  if (id === reference) return 'id';
  if (name === (reference.startsWith('/') ? reference.slice(1) : reference)) return 'name';
  return id.startsWith(reference) ? 'prefix' : undefined;
}
