interface Made {
  readonly value: unknown;
  readonly end: (() => void | Promise<void>) | undefined;
}

const made = new Map<string, Promise<Made>>();

/**
 * What several cases of a suite use: made by the first of them, ended after the suite's last by {@link endShared}.
 *
 * @param key names it and all that it depends on
 */
export async function shared<T>(
  key: string,
  make: () => Promise<{
    readonly value: T;
    readonly end?: (() => void | Promise<void>) | undefined;
  }>,
): Promise<T> {
  let one = made.get(key) as Promise<{ readonly value: T }> | undefined;
  if (one === undefined) {
    const making = make();
    one = making;
    made.set(
      key,
      making.then(({ value, end }) => ({ value, end })),
    );
  }
  return (await one).value;
}

/** Ends what the cases of a suite shared, the last made first. @throws AggregateError once all are ended, or were to be */
export async function endShared(): Promise<void> {
  const all = [...made.values()].toReversed();
  made.clear();
  const failures: unknown[] = [];
  for (const one of all) {
    // What could not be made was told by the case that wanted it.
    const { end } = await one.catch((): Partial<Made> => ({}));
    try {
      await end?.();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
}
