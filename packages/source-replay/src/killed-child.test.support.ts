import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { TestContext } from 'node:test';

/**
 * Runs a script in a process of its own and kills it once it has said so many lines.
 *
 * @returns what it said before, line by line
 */
export async function killedAfter(
  t: TestContext,
  lines: number,
  script: string,
  args: readonly string[],
): Promise<string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...args]);
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (output.split('\n').length > lines) child.kill('SIGKILL');
    });
    child.on('close', () => resolve());
  });
  assert.equal(errors, '');
  return output.split('\n').slice(0, -1);
}
