import { FoghornError } from '../../protocol/errors.js';
import { excerpt } from '../../protocol/excerpt.js';

/** The range of Docker API versions that the server speaks, such as `1.24` to `1.51`. */
export interface ApiVersions {
  readonly min: string;
  readonly max: string;
}

/** A request's path, split. */
export interface ApiPath {
  /** As it was sent; undefined if the client named none. */
  readonly version: string | undefined;
  /** The resource, such as `/events`. */
  readonly path: string;
}

const VERSIONED = /^\/v(?<version>[\d.]+)(?<path>\/.*)$/s;

/**
 * Splits a path, which may begin with a version. Text that is not a version (`/vfoo/events`) is
 * part of the path.
 */
export function splitApiPath(path: string): ApiPath {
  const groups = VERSIONED.exec(path)?.groups;
  return { version: groups?.version, path: groups?.path ?? path };
}

/**
 * The version to answer in. Throws INVALID_ARGUMENT for a version that is not spoken. dockerd looks
 * up the path first, so an unknown path is not found in any version.
 */
export function negotiatedVersion(
  requested: string | undefined,
  { min, max }: ApiVersions,
): string {
  if (requested === undefined) return max;
  if (isOlder(requested, min)) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `client version ${excerpt(requested)} is too old. Minimum supported API version is ${min}, please upgrade your client to a newer version`,
    );
  }
  if (isOlder(max, requested)) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `client version ${excerpt(requested)} is too new. Maximum supported API version is ${max}`,
    );
  }
  return requested;
}

/** Whether errors are plain text instead of JSON, as before 1.24. */
export function hasPlainErrors(requested: string | undefined): boolean {
  return requested !== undefined && isOlder(requested, '1.24');
}

/** Compares number by number: 1.9 is older than 1.24. A missing number is 0. */
export function isOlder(version: string, than: string): boolean {
  const ours = version.split('.').map(Number);
  const theirs = than.split('.').map(Number);
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const difference = (ours[i] ?? 0) - (theirs[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
