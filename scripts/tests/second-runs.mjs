// A test file that failed among others is run once more, alone: on a machine that is shared, a pause of seconds comes to every
// process at some time. What passes then is told apart from what passed, with what failed before.

/** So many files of one run of the whole suite: a fourth one is no coincidence. */
const MOST_FILES = 3;

/** Which files get a second run, over all groups of a run; `isAllowed` where the whole suite is run. */
export class SecondRuns {
  #left;

  constructor(isAllowed) {
    this.#left = isAllowed ? MOST_FILES : 0;
  }

  /**
   * Runs again what may be, and says what it found.
   *
   * @param results - of a group's first run
   * @param runAlone - runs one file by its source's name, and gives its results
   */
  apply(results, runAlone) {
    let all = results;
    for (const file of new Set(results.filter(isFailed).map((result) => result.file))) {
      const first = results.filter((result) => result.file === file);
      if (this.#left === 0 || !mayRunAgain(first)) continue;
      this.#left -= 1;
      const merged = merge(first, runAlone(file));
      all = [...all.filter((result) => result.file !== file), ...merged];
    }
    return all;
  }
}

function isFailed({ outcome }) {
  return outcome === 'failed';
}

/* Whose process died by a signal has a fault that no busy machine explains: a crash, or a hang that the timeout ended. What needs something that is not here would fail again. */
function mayRunAgain(results) {
  return !results.some((result) => isFailed(result) && (result.isFinal || result.signal));
}

/** What counts is the second run. A test that failed before says so: passed the second time where all of the file did, failed otherwise. */
function merge(first, second) {
  const failures = first.filter(isFailed);
  if (second.length === 0) return first;
  const outcome = second.some(isFailed) ? 'failed' : 'second';
  const told = new Set();
  const merged = second.map((result) => {
    const before = failures.find(({ name }) => name === result.name && !told.has(name));
    if (before === undefined || isFailed(result)) return result;
    told.add(result.name);
    return { ...result, outcome, error: before.error };
  });
  if (outcome === 'failed') return merged;
  // What failed was the file as a whole, or a test that it makes as it goes.
  const others = failures.filter(({ name }) => !told.has(name));
  return [...merged, ...others.map((failure) => ({ ...failure, outcome }))];
}
