import assert from 'node:assert/strict';
import { copyFileSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from './link-sockflow.ts';
import { assertRefused, REAL_RECORDING, sockflow } from './sockflow-command.ts';

/** What is read, and what is written over it. */
const OVERWRITES = [
  ['in.sfrec', 'in.sfrec', '1'],
  ['in.sfrec', 'in.sfrec', '2'],
  ['in.sfrec', 'hard.sfrec', '2'],
  ['part.0.sfrec', 'part.sfrec', '1'],
] as const;

for (const [input, output, lanes] of OVERWRITES) {
  test(`a pipeline that reads ${input} and writes ${output} in ${lanes} lanes is refused; the recording stays as it was`, (t) => {
    const dir = useTempDir(t);
    linkSockflow(dir);
    copyFileSync(REAL_RECORDING, join(dir, 'in.sfrec'));
    copyFileSync(REAL_RECORDING, join(dir, 'part.0.sfrec'));
    linkSync(join(dir, 'in.sfrec'), join(dir, 'hard.sfrec'));
    writeFileSync(
      join(dir, 'own.mjs'),
      `import { definePipeline, file, replay } from 'sockflow';
export default definePipeline({ source: replay('${input}'), events: (batches) => batches, sinks: [file('${output}')] });
`,
    );
    const before = readdirSync(dir);
    assertRefused(sockflow(['run', 'own.mjs', '--lanes', lanes], { cwd: dir }), {
      status: 2,
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      message: /sink file\(.*\) writes over what replay\(.*\) reads/,
      place: /\.sfrec.*output events/,
      remedy: /another name/,
    });
    assert.deepEqual(readdirSync(dir), before);
    assert.deepEqual(readFileSync(join(dir, input)), readFileSync(REAL_RECORDING));
  });
}
