/** The items of an iterable until the signal comes, without waiting for the item that is under way. */
export async function* untilAborted<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  for (;;) {
    const next = iterator.next();
    // Where the signal wins, nobody waits for this one any more: it may fail when its source is closed.
    next.catch(() => {});
    const result = await Promise.race([next, aborted]);
    if (result === undefined || result.done === true) return;
    yield result.value;
  }
}
