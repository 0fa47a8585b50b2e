import assert from 'node:assert/strict';

/** How often each text is there. */
export function occurrences(texts: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
}

/** The connection of an event, as it stands in its line. */
function connectionOf(line: string): string {
  const { originId, netnsCookie, cookie } = JSON.parse(line) as Record<string, string>;
  return `${originId} ${netnsCookie} ${cookie}`;
}

function byConnection(lines: readonly string[]): Map<string, string[]> {
  const connections = new Map<string, string[]>();
  for (const line of lines) {
    const name = connectionOf(line);
    const own = connections.get(name);
    if (own === undefined) connections.set(name, [line]);
    else own.push(line);
  }
  return connections;
}

/** A run of one connection's events as one process got them: end exclusive, by their numbers in the recording. */
interface Run {
  readonly start: number;
  readonly end: number;
}

/** What a process got of a connection, cut where it does not go on with the next event: it never gets for the first time what comes before something that it has. */
function runsOf(lines: readonly string[], numbers: ReadonlyMap<string, number>): Run[] {
  const runs: Run[] = [];
  const seen = new Set<number>();
  let latest = -1;
  for (const line of lines) {
    const number = numbers.get(line) ?? -1;
    assert.ok(seen.has(number) || number > latest, `${number} for the first time after ${latest}`);
    seen.add(number);
    latest = Math.max(latest, number);
    const run = runs.at(-1);
    if (run !== undefined && run.end === number)
      runs[runs.length - 1] = { ...run, end: number + 1 };
    else runs.push({ start: number, end: number + 1 });
  }
  return runs;
}

/**
 * First deliveries of each connection are in the order recorded: each process got what was new to it in order, in runs without a gap, and each run begins at or before the end of those
 * before it.
 */
export function assertInOrder(
  recorded: readonly string[],
  deliveries: readonly (readonly string[])[],
): void {
  const found = deliveries.map(byConnection);
  for (const [name, lines] of byConnection(recorded)) {
    const numbers = new Map(lines.map((line, index) => [line, index]));
    assert.equal(numbers.size, lines.length, 'no two events of a connection are the same');
    const runs = found
      .flatMap((connections) => runsOf(connections.get(name) ?? [], numbers))
      .toSorted((one, other) => one.start - other.start);
    let covered = 0;
    for (const { start, end } of runs) {
      assert.ok(start <= covered, `${name}: events ${covered} to ${start} come later than theirs`);
      covered = Math.max(covered, end);
    }
    assert.equal(covered, lines.length, name);
  }
}
