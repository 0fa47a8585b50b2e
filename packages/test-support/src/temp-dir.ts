import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of `node:test`'s context that cleans up after a test. */
export interface CleanableTest {
  after(cleanUp: () => void): void;
}

/** @returns a new empty folder that is removed when the test ends. */
export function useTempDir(test: CleanableTest): string {
  const path = mkdtempSync(join(tmpdir(), 'sockflow-test-'));
  test.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
