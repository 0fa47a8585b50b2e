import { spawnSync } from 'node:child_process';

/** The part of `node:test`'s context that stated needs use. */
export interface SkippableTest {
  skip(reason?: string): void;
}

/** True where a need that is not met is a failure: `SOCKFLOW_REQUIRE=all`. */
export function areNeedsRequired(): boolean {
  return process.env['SOCKFLOW_REQUIRE'] === 'all';
}

/**
 * Skips the running test with a reason that the summary of the run repeats; where all needs are
 * required it throws instead. The caller returns right after it.
 */
export function skipTest(test: SkippableTest, reason: string): void {
  if (areNeedsRequired()) {
    throw new Error(`${reason} (SOCKFLOW_REQUIRE=all turns a skip into a failure)`);
  }
  test.skip(reason);
}

/**
 * States that a test needs a command on the PATH.
 *
 * @returns whether it is there; when it is not, the test is skipped with the reason.
 */
export function requireTool(
  test: SkippableTest,
  command: string,
  versionArgs: readonly string[] = ['--version'],
): boolean {
  const probe = spawnSync(command, versionArgs, { stdio: 'ignore' });
  if (probe.error === undefined && probe.status === 0) return true;
  skipTest(test, `needs the command '${command}'`);
  return false;
}
