type Close = () => void | Promise<void>;

/**
 * Calls `use` with a function that takes what is to be closed, and closes all of it when `use` has ended, or failed: the last taken first. A process of a case that failed would keep the whole
 * run from ending.
 *
 * @throws what `use` threw; else, where closing failed, the first such error, when the rest is closed
 */
export async function withClosers<T>(
  use: (onEnd: (close: Close) => void) => Promise<T>,
): Promise<T> {
  const closes: Close[] = [];
  const failures: unknown[] = [];
  let result: T;
  try {
    result = await use((close) => void closes.push(close));
  } catch (error) {
    await closeAll(closes, failures);
    throw error;
  }
  await closeAll(closes, failures);
  if (failures.length > 0) throw failures[0];
  return result;
}

async function closeAll(closes: readonly Close[], failures: unknown[]): Promise<void> {
  for (const close of closes.toReversed()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
}
