import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

import { requireNode24, useTempDir } from '@sockflow/test-support';

const CORE = new URL('../index.js', import.meta.url).href;
const HELPERS = new URL('.', import.meta.url).href;

/** A TypeScript pipeline with an import of its own, as an installed package has it. */
function writeInstalledPipeline(t: TestContext): string {
  const dir = join(useTempDir(t), 'node_modules', 'flow');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{ "name": "flow", "version": "1.0.0" }');
  writeFileSync(join(dir, 'limit.ts'), 'export enum Limit { Round = 5 }');
  writeFileSync(
    join(dir, 'pipeline.ts'),
    `
      import { definePipeline, where, type EventView } from '${CORE}';
      import { memorySource } from '${HELPERS}memory-source.test.helper.js';
      import { probeSink } from '${HELPERS}probe-sink.test.helper.js';
      import { Limit } from './limit.ts';

      export default definePipeline(({ rounds }: { rounds: number }) => ({
        source: memorySource({ connections: 10, rounds }),
        events: (batches) =>
          batches.pipe(where((event: EventView) => (event.sndCwnd ?? 0) < Limit.Round)),
        sinks: [probeSink()],
      }));
    `,
  );
  return pathToFileURL(join(dir, 'pipeline.ts')).href;
}

function runInNewProcess(node: string, pipeline: string): unknown {
  const script = `
    import { run } from '${CORE}';
    const handle = run('${pipeline}', { lanes: 2, params: { rounds: 8 } });
    const { outcome, ledger } = await handle.done;
    const { in: input, out } = ledger.total.outputs[0];
    process.stdout.write(JSON.stringify({ outcome, input, out }));
  `;
  const printed = execFileSync(node, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return JSON.parse(printed);
}

const EXPECTED = { outcome: 'completed', input: 80, out: 50 };

test('runs a TypeScript pipeline of an installed package in two lanes', (t) => {
  assert.deepEqual(runInNewProcess(process.execPath, writeInstalledPipeline(t)), EXPECTED);
});

test('runs the same pipeline in the same way on Node 24', (t) => {
  const node24 = requireNode24(t);
  if (node24 === undefined) return;
  assert.deepEqual(runInNewProcess(join(node24, 'node'), writeInstalledPipeline(t)), EXPECTED);
});
