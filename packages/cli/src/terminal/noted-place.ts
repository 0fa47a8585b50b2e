const places = new WeakMap<object, string>();

/** Notes where an error belongs that does not know it: the option whose value was refused. */
export function notePlace(error: unknown, place: string): unknown {
  if (typeof error === 'object' && error !== null) places.set(error, place);
  return error;
}

/** The place that was noted for an error. */
export function notedPlaceOf(error: object): string | undefined {
  return places.get(error);
}
