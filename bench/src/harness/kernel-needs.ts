import { spawnSync } from 'node:child_process';

import { requireKernel } from '@sockflow/test-support';

/** Whether a C compiler can compile `#include <…>` for `header`. */
function hasHeader(header: string): boolean {
  const probe = spawnSync('gcc', ['-fsyntax-only', '-x', 'c', '-'], {
    input: `#include <linux/types.h>\n#include <${header}>\n`,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return probe.status === 0;
}

/** Why nothing can be measured on this kernel, or `undefined`. */
export function whyNoKernel(): string | undefined {
  const missing: string[] = [];
  requireKernel({ skip: (reason = 'a kernel') => missing.push(reason) }, { tools: [] });
  for (const tool of ['gcc', 'clang']) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0)
      missing.push(`needs the command '${tool}'`);
  }
  if (missing.length === 0 && !hasHeader('bpf/libbpf.h'))
    missing.push('needs libbpf and its headers (libbpf-dev)');
  return missing.length === 0 ? undefined : missing.join('; ');
}
