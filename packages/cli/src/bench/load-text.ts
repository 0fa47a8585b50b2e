import type { Load } from '@sockflow/benchmark';

import type { Terminal } from '../terminal/terminal.ts';

/** Whether the run may be quoted, and where not, why. */
export function loadLines({ colors }: Pick<Terminal, 'colors'>, load: Load): string[] {
  const share = (ratio: number | undefined): string => `${((ratio ?? 0) * 100).toFixed(1)} %`;
  if (load.isValid === undefined) return load.reasons.map((reason) => colors.yellow(`  ${reason}`));
  if (load.isValid) {
    return [
      colors.dim(
        `  valid: others took ${share(load.othersRatio)} of the cores' time, the hypervisor ${share(load.stolenRatio)}`,
      ),
    ];
  }
  return [
    colors.red(`  invalid run, not to be quoted: run it again while nothing else uses the machine`),
    ...load.reasons.map((reason) => `    ${reason}`),
  ];
}
