import { isSockflowError } from '../errors.ts';
import { ownPlace, ownPlaceText } from './own-place.ts';

/** An error of ours that came out of the user's module, which says by itself what is wrong: told where it came from, unless it knows a place. */
export function withOwnPlace<E>(url: URL, error: E): E {
  if (!isSockflowError(error) || 'place' in error.details) return error;
  const place = ownPlace(url, error);
  if (place === undefined) return error;
  const details = { place: ownPlaceText(place), ...error.details };
  Object.defineProperty(error, 'details', { value: details, enumerable: true, writable: true });
  return error;
}
