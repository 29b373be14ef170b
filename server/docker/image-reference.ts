/** A reference with nothing in it that goes without saying. */
interface ImageReference {
  /** Registry and path; Docker Hub and its `library/` are left out. */
  readonly name: string;
  /** `:tag`, `@digest`, both or neither. */
  readonly version: string;
}

// Each part can match a text in one way only, so that matching takes linear time.
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

/** An image's id, which could be taken for a name. */
const IMAGE_ID = /^[0-9a-f]{64}$/;

const HUB = 'docker.io';
const OFFICIAL = `${HUB}/library`;
/** Images further down than Docker's official ones keep the whole path. */
const IMPLIED = new RegExp(`^${HUB}/(?:library/(?=[^/]*$))?`);

/** The reference as users know it: `docker.io/library/busybox:latest` is `busybox:latest`. What is no reference stays as it is. */
export function familiarName(reference: string): string {
  const image = parse(reference);
  return image === undefined ? reference : image.name + image.version;
}

/** Likewise, without tag and digest. */
export function withoutTag(reference: string): string {
  return parse(reference)?.name ?? reference;
}

/** Likewise, with the tag that is meant when there is none. */
export function withTag(reference: string): string {
  const image = parse(reference);
  return image === undefined ? reference : image.name + (image.version || ':latest');
}

function parse(reference: string): ImageReference | undefined {
  if (IMAGE_ID.test(reference)) return undefined;
  const { name = '', path = '', version = '' } = REFERENCE.exec(qualified(reference))?.groups ?? {};
  if (name === '' || path.length > MAX_PATH_LENGTH) return undefined;
  return { name: name.replace(IMPLIED, ''), version };
}

/** With the registry that goes without saying. */
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
