/** @throws RangeError where one is no number: what was not measured is left out, it is no row */
export function checkFinite(id: string, values: readonly number[]): void {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`${id}: ${wrong} is no figure`);
}
