import { FoghornError } from '../../../protocol/errors.js';
import { goFormatWithoutArguments } from '../../events/go-text.js';

/**
 * The error with the text that containerd sends. containerd formats its texts a second time,
 * without arguments, which shows in names with a percent sign.
 */
export function withContainerdText<E>(error: E): E | FoghornError {
  if (!(error instanceof FoghornError) || error.code !== 'INVALID_ARGUMENT') return error;
  return new FoghornError(error.code, goFormatWithoutArguments(error.message), { cause: error });
}
