import { isSockflowError } from '../errors.ts';

/** Which part of a lane failed, as far as it is known. */
export interface FailurePlace {
  readonly phase: 'start' | 'source' | 'pipeline' | 'sink' | 'outside' | 'end';
  readonly output?: string;
  readonly operator?: string;
  readonly sink?: string;
  /** Where in a module of the user's it was thrown: `/a/slow.ts:12:7`. */
  readonly at?: string;
}

/** What ended a lane, and where in it. */
export interface LaneFailure {
  readonly place: FailurePlace;
  readonly cause: unknown;
}

/** A failure with what its cause knows of the place: operators of ours name themselves. */
export function laneFailure(place: FailurePlace, cause: unknown): LaneFailure {
  if (!isSockflowError(cause) || !('operator' in cause.details)) return { place, cause };
  const { operator } = cause.details;
  return typeof operator === 'string' ? { place: { ...place, operator }, cause } : { place, cause };
}

/** The place in words: `in lane 1, output slow, operator where`. */
export function placeText(lane: number, place: FailurePlace): string {
  const parts = [`lane ${lane}`];
  if (place.output !== undefined) parts.push(`output ${place.output}`);
  if (place.operator !== undefined) parts.push(`operator ${place.operator}`);
  if (place.sink !== undefined) parts.push(`sink ${place.sink}`);
  if (place.phase === 'source') parts.push('its source');
  if (place.phase === 'outside') parts.push('outside of its pipeline');
  return parts.join(', ');
}
