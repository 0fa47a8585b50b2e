/** The part of `node:test`'s context that cleans up after a test; `{ after }` of `node:test` itself cleans up after a file. */
export interface AsyncCleanableTest {
  after(cleanUp: () => void | Promise<void>): void;
}

const pending = new Set<() => void>();
let isWatchingExit = false;

/**
 * Runs a clean-up once: at the end of the test, or where that is not reached (an uncaught error) when the process exits. Must be synchronous for that.
 *
 * @returns the clean-up, for whoever wants it earlier.
 */
export function atEnd(test: AsyncCleanableTest, cleanUp: () => void): () => void {
  if (!isWatchingExit) {
    isWatchingExit = true;
    process.on('exit', () => {
      for (const run of pending) run();
    });
  }
  const once = (): void => {
    if (pending.delete(once)) cleanUp();
  };
  pending.add(once);
  test.after(once);
  return once;
}
