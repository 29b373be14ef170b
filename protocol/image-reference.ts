/** A reference without its default parts. */
interface ImageReference {
  /** Registry and path, without Docker Hub and `library/`. */
  readonly name: string;
  /** `:tag`, `@digest`, both or neither. */
  readonly version: string;
}

// Each part can match a text in one way only, so matching takes linear time.
const HOST_LABEL = '[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*';
const HOST = `(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[A-Fa-f0-9:]+\\])(?::[0-9]+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const TAG = String.raw`\w[\w.-]{0,127}`;
const DIGEST = '[a-z][a-z0-9]*(?:[-_+.][a-z][a-z0-9]*)*:[0-9A-Fa-f]{32,}';
const REFERENCE = new RegExp(
  `^(?<name>(?:${HOST}/)?(?<path>${PATH}))(?<version>(?::${TAG})?(?:@${DIGEST})?)$`,
);

const MAX_PATH_LENGTH = 255;

/** Matches an image's id, which looks like a name. */
const IMAGE_ID = /^[0-9a-f]{64}$/;

const HUB = 'docker.io';
const OFFICIAL = `${HUB}/library`;
/** Only Docker's official images are shortened. */
const IMPLIED = new RegExp(`^${HUB}/(?:library/(?=[^/]*$))?`);

/**
 * The reference as users write it: `docker.io/library/busybox:latest` is `busybox:latest`. Text
 * that is not a reference is returned unchanged.
 */
export function familiarName(reference: string): string {
  const image = parse(reference);
  return image === undefined ? reference : image.name + image.version;
}

/** The familiar reference without tag and digest. */
export function withoutTag(reference: string): string {
  return parse(reference)?.name ?? reference;
}

/** The familiar reference with its default tag added. */
export function withTag(reference: string): string {
  const image = parse(reference);
  return image === undefined ? reference : image.name + (image.version || ':latest');
}

/** Whether an image is the wanted one: as named, in Docker's short form, or without the tag. */
export function isImage(image: string, wanted: string): boolean {
  if (image === wanted) return true;
  const familiar = familiarName(wanted);
  return familiarName(image) === familiar || withoutTag(image) === familiar;
}

/** Longer texts are no references, and would exhaust the regular expression's stack. */
const MAX_REFERENCE_LENGTH = 4096;

function parse(reference: string): ImageReference | undefined {
  if (reference.length > MAX_REFERENCE_LENGTH) return undefined;
  if (IMAGE_ID.test(reference)) return undefined;
  const { name = '', path = '', version = '' } = REFERENCE.exec(qualified(reference))?.groups ?? {};
  if (name === '' || path.length > MAX_PATH_LENGTH) return undefined;
  return { name: name.replace(IMPLIED, ''), version };
}

/** The name with its default registry. */
function qualified(reference: string): string {
  const slash = reference.indexOf('/');
  if (slash < 0) return `${OFFICIAL}/${reference}`;
  const first = reference.slice(0, slash);
  if (!isRegistry(first)) return `${HUB}/${reference}`;
  const registry = first === `index.${HUB}` ? HUB : first;
  const rest = reference.slice(slash + 1);
  return `${registry === HUB && !rest.includes('/') ? OFFICIAL : registry}/${rest}`;
}

function isRegistry(component: string): boolean {
  return component === 'localhost' || /[.:A-Z]/.test(component);
}
