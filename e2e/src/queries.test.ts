import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { ConnectionTruth } from '@sockflow/source-replay/generate';
import { useTempDir } from '@sockflow/test-support';
import { filterOp, fromReplay, Op, select } from 'sockflow';

import { runCommand, WORKSPACE } from './workspace.ts';

const GUIDE = join(WORKSPACE, 'docs/guides/files-you-can-query.md');

interface Row {
  readonly [column: string]: unknown;
}

function sumBy<T>(
  items: readonly T[],
  key: (item: T) => string,
  value: (item: T) => number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(key(item), (sums.get(key(item)) ?? 0) + value(item));
  return sums;
}

test('files-you-can-query: DuckDB finds in NDJSON, CSV and gzip what the truth says', async (t) => {
  const dir = useTempDir(t);
  const guide = readFileSync(GUIDE, 'utf8');
  symlinkSync(join(WORKSPACE, 'e2e/node_modules'), join(dir, 'node_modules'));
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }\n');
  const [, program = ''] = /^```js\n(\/\/ query\.js\n[^]*?)^```/m.exec(guide) ?? [];
  writeFileSync(join(dir, 'query.js'), program);
  const [, script = ''] = /^```sh\n([^]*?)^```/m.exec(guide) ?? [];
  const sockflow = join(WORKSPACE, 'node_modules/.bin/sockflow');
  for (const line of script.trimEnd().split('\n')) {
    runCommand(sockflow, line.split(' ').slice(1), { cwd: dir });
  }
  const ask = (name: string): Row[] => {
    const [, sql = ''] =
      new RegExp(`^\`\`\`sql\\n(-- ${name}\\n[^]*?)^\`\`\``, 'm').exec(guide) ?? [];
    assert.notEqual(sql, '', name);
    writeFileSync(join(dir, `${name}.sql`), sql);
    return JSON.parse(
      runCommand(process.execPath, ['query.js', `${name}.sql`], { cwd: dir }),
    ) as Row[];
  };

  const truth = readFileSync(join(dir, 'truth.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ConnectionTruth)
    .filter(({ role }) => role !== 'LISTENER');
  const retransmits = sumBy(
    truth,
    (end) => end.remoteAddress,
    (end) => end.retransmits,
  );
  const expected = [...retransmits].filter(([, segments]) => segments > 0);
  assert.ok(expected.length > 10);
  assert.deepEqual(
    new Map(ask('retransmits').map(({ remoteAddress, segments }) => [remoteAddress, segments])),
    new Map(expected),
  );

  const failures = sumBy(
    truth,
    ({ outcome }) => outcome,
    () => 1,
  );
  failures.delete('established');
  failures.delete('halfOpen');
  const failed = ask('failed');
  assert.deepEqual(
    new Map(failed.map(({ outcome, connections }) => [outcome, connections])),
    failures,
  );
  assert.deepEqual(ask('truth'), failed);

  const byPort = new Map<number, number[]>();
  await fromReplay(join(dir, 'made.sfrec'))
    .pipe(filterOp(Op.RTT_CB), select('remotePort', 'srttUs'))
    .forEach(({ remotePort, srttUs = 0 }) => {
      if (srttUs > 0) byPort.set(remotePort, [...(byPort.get(remotePort) ?? []), srttUs]);
    });
  const rows = ask('srtt');
  assert.equal(rows.length, 10);
  for (const { remotePort, samples, p50_ms: p50Ms, p99_ms: p99Ms } of rows) {
    const sorted = (byPort.get(Number(remotePort)) ?? []).toSorted((a, b) => a - b);
    const at = (quantile: number): number =>
      (sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0) / 1000;
    assert.deepEqual([samples, p50Ms, p99Ms], [sorted.length, at(0.5), at(0.99)]);
  }
});
