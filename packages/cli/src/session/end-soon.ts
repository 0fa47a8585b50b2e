/** For what is left to be written: the summary, the error. */
const LAST_WORDS_MS = 1000;

/** Ends the process soon, also where something is still open that nobody can close: a source that did not settle. */
export function endSoon(): void {
  // By then the exit code is set.
  setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
}
