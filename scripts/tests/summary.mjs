// The end of a run: counts of every step, then what was skipped, what passed only the second time and what failed, each with its why.
const COLUMNS = [
  ['passed', 'passed'],
  ['2nd time', 'second'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
];

/** @returns whether nothing failed */
export function printSummary(rows) {
  printCounts(rows);
  const results = rows.flatMap((row) =>
    row.results.map((result) => ({ ...result, step: row.step })),
  );
  printReasons(results.filter(({ outcome }) => outcome === 'skipped'));
  const second = results.filter(({ outcome }) => outcome === 'second');
  const failures = results.filter(({ outcome }) => outcome === 'failed');
  printErrors('passed the second time, alone; the first time:', '↻', second);
  printErrors('failed:', '✖', failures);

  const passed = count(results, 'passed') + second.length;
  const skipped = count(results, 'skipped');
  console.log(`\ntests ${results.length}`);
  console.log(`pass ${passed}\nfail ${failures.length}\nskipped ${skipped}\n`);
  const again = second.length === 0 ? '' : ` (${second.length} of them the second time)`;
  console.log(`${passed} passed${again}, ${failures.length} failed, ${skipped} skipped`);
  return failures.length === 0;
}

function printCounts(rows) {
  const width = Math.max(...rows.map(({ step }) => step.length), 'step'.length);
  const titles = COLUMNS.map(([title]) => title.padStart(10)).join('');
  console.log(`${'step'.padEnd(width)}${titles}${'time'.padStart(11)}`);
  for (const { step, durationMs, results } of rows) {
    const counts = COLUMNS.map(([, outcome]) => String(count(results, outcome)).padStart(10));
    const time = `${(durationMs / 1000).toFixed(1)} s`.padStart(11);
    console.log(`${step.padEnd(width)}${counts.join('')}${time}`);
  }
}

function count(results, outcome) {
  return results.filter((result) => result.outcome === outcome).length;
}

function printReasons(skips) {
  const countByReason = new Map();
  for (const { reason } of skips) countByReason.set(reason, (countByReason.get(reason) ?? 0) + 1);
  if (countByReason.size > 0) console.log('\nskipped, because:');
  for (const [reason, times] of countByReason) console.log(`  ${times} × ${reason}`);
}

function printErrors(title, mark, results) {
  if (results.length > 0) console.log(`\n${title}`);
  for (const { step, file, name, error } of results) {
    console.log(`  ${mark} ${step}: ${file}: ${name}`);
    if (error !== undefined) console.log(error.replaceAll(/^/gm, '      '));
  }
}
