/*
 * Loaded first (`--import`) into a command that is measured: at its end it writes what the process, all threads of it, has used to the file that SOCKFLOW_BENCH_USAGE names.
 */
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const path = process.env['SOCKFLOW_BENCH_USAGE'];
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  if (path === undefined) return;
  writeFileSync(
    path,
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMib: peakKib() / 1024 }),
  );
});

/** Not what getrusage(2) tells: that is at least what the process that started this one had then. */
function peakKib(): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  if (found === null) throw new Error('/proc/self/status does not tell the peak');
  return Number(found[1]);
}
