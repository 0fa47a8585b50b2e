import type { BenchDocument } from '@sockflow/benchmark';

import { figuresTable } from './figures-table.ts';

const BLOCK = /<!-- figures: ([^>]+) -->\n[^]*?<!-- end of figures -->/g;
const MACHINE_BLOCK = /<!-- machine -->\n[^]*?<!-- end of machine -->/g;

/**
 * A page with its blocks of figures filled from a document:
 *
 *   <!-- figures: filter/ decode/ -->   rows whose ids begin so   <!-- end of figures -->
 *   <!-- machine -->                    what it was measured on   <!-- end of machine -->
 */
export function fillPage(page: string, document: BenchDocument): string {
  const filled = page.replaceAll(BLOCK, (_block, prefixes: string) => {
    const table = figuresTable(document.results, prefixes.trim().split(/\s+/));
    return `<!-- figures: ${prefixes} -->\n\n${table}\n\n<!-- end of figures -->`;
  });
  return filled.replaceAll(
    MACHINE_BLOCK,
    () => `<!-- machine -->\n\n${machineText(document)}\n\n<!-- end of machine -->`,
  );
}

function machineText({ machine, load, settings, startedAt, tookS }: BenchDocument): string {
  const percent = (ratio: number | undefined): string =>
    ratio === undefined ? 'unknown' : `${(ratio * 100).toFixed(1)} %`;
  const toolchains = Object.entries(machine.toolchains).map(([name, text]) => `${name} ${text}`);
  return [
    `- ${machine.cpu}, ${machine.cores} cores${machine.isVirtual === true ? ' of a virtual machine' : ''}; ${machine.caches.join(', ')}; ${machine.memoryGiB} GiB; Linux ${machine.kernel}`,
    `- Node ${machine.node}${toolchains.length > 0 ? `; ${toolchains.join('; ')}` : ''}`,
    `- ${startedAt.slice(0, 10)}, ${Math.round(tookS / 60)} min, ${settings['sizeMib']} MiB of input, ${settings['rounds']} rounds; others had ${percent(load.othersRatio)} of the cores' time (most in one case ${percent(load.mostOthersRatio)}), the hypervisor took ${percent(load.stolenRatio)}: ${load.isValid ? 'a valid run' : 'not a valid run'}`,
  ].join('\n');
}
