import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { CommandContext } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { StopSignals } from '../session/stop-signals.ts';

/** Calls `use` with a folder of its own, which is gone afterwards, also where a signal ends it: then `stopText` is said. */
export async function inTemporaryFolder(
  { err }: CommandContext,
  use: (folder: string, signal: AbortSignal) => Promise<void>,
  stopText: () => string,
): Promise<ExitCode> {
  const folder = mkdtempSync(join(tmpdir(), 'sockflow-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // The second signal ends the process where it stands.
  process.once('exit', remove);
  const stop = new AbortController();
  const signals = new StopSignals(err, () => stop.abort(), stopText);
  try {
    await use(folder, stop.signal);
    return signals.exitCode ?? ExitCode.OK;
  } catch (error) {
    // What a signal broke off is no failure.
    if (signals.exitCode === undefined) throw error;
    return signals.exitCode;
  } finally {
    signals.close();
    process.off('exit', remove);
    remove();
  }
}
