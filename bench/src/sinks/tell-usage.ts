/*
 * Loaded first (`--import`) into a command that is measured: at its end it writes what the process, all threads of it, has used to the file that SOCKFLOW_BENCH_USAGE names.
 */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const path = process.env['SOCKFLOW_BENCH_USAGE'];
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  if (path === undefined) return;
  writeFileSync(
    path,
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMib: maxRSS / 1024 }),
  );
});
