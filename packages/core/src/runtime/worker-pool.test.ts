import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

import { useTempDir } from '@sockflow/test-support';

const POOL = new URL('./worker-pool.js', import.meta.url).href;

/** A program, in a process of its own, that ends a pool whose threads need long to load their module: each adds `loaded` to the log when it has. */
function endWhileLoading(t: TestContext, program: string): { status: number | null; log: string } {
  const dir = useTempDir(t);
  const log = join(dir, 'log');
  writeFileSync(log, '');
  writeFileSync(
    join(dir, 'worker.mjs'),
    `import { appendFileSync } from 'node:fs';
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
appendFileSync(${JSON.stringify(log)}, 'loaded ');
export const task = () => new Promise(() => { setInterval(() => {}, 1000); });
`,
  );
  const script = `
    import { WorkerPool } from '${POOL}';
    const pool = await WorkerPool.start(new URL('${pathToFileURL(join(dir, 'worker.mjs')).href}'), 3, {});
    ${program}
  `;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(stderr, '');
  return { status, log: readFileSync(log, 'utf8') };
}

test('threads that are still loading are not ended before they have loaded', (t) => {
  const { status, log } = endWhileLoading(t, `await pool.close(); process.exitCode = 7;`);
  assert.equal(status, 7);
  assert.equal(log, 'loaded loaded loaded ');
});

test('tasks that were given to threads still loading reject when the pool is closed', (t) => {
  const { status, log } = endWhileLoading(
    t,
    `const tasks = [1, 2, 3].map(() => pool.run({}, 'task', []).then(() => 'done', () => 'ended'));
     await Promise.all([pool.close(), pool.close()]);
     process.exitCode = (await Promise.all(tasks)).join() === 'ended,ended,ended' ? 7 : 1;`,
  );
  assert.equal(status, 7);
  assert.equal(log, 'loaded loaded loaded ');
});
