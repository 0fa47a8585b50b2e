import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from './link-sockflow.ts';
import { assertRefused, REAL_RECORDING, sockflow } from './sockflow-command.ts';

function pipelineIn(dir: string, name: string, source: string): string {
  const path = join(dir, name);
  writeFileSync(path, source);
  return path;
}

test('a pipeline module that is not there is refused', (t) => {
  const run = sockflow(['run', join(useTempDir(t), 'none.ts')]);
  assertRefused(run, {
    status: 2,
    code: 'ERR_SOCKFLOW_PIPELINE_MISSING',
    place: /none\.ts/,
    remedy: /\S/,
  });
});

test('a pipeline module without a default export is refused', (t) => {
  const path = pipelineIn(useTempDir(t), 'named.mjs', 'export const pipeline = {};\n');
  for (const command of ['run', 'explain']) {
    assertRefused(sockflow([command, path]), {
      status: 1,
      code: 'ERR_SOCKFLOW_PIPELINE_MODULE',
      message: /default/,
      place: /named\.mjs/,
      remedy: /definePipeline/,
    });
  }
});

test('a syntax error is refused with its file and line', (t) => {
  const dir = useTempDir(t);
  for (const name of ['broken.ts', 'broken.mjs']) {
    const path = pipelineIn(dir, name, '\n\nexport default {{;\n');
    assertRefused(sockflow(['run', path]), {
      status: 1,
      code: 'ERR_SOCKFLOW_PIPELINE_MODULE',
      place: /broken\.(ts|mjs), line 3/,
      remedy: /syntax/,
    });
  }
});

test('an operator that throws ends the run with its name; what was accepted before stays readable', (t) => {
  const dir = useTempDir(t);
  linkSockflow(dir);
  const out = join(dir, 'out.ndjson');
  const path = pipelineIn(
    dir,
    'throws.ts',
    `import { definePipeline, file, filterOp, Op, replay, where } from 'sockflow';
let seen = 0;
export default definePipeline({
  source: replay(${JSON.stringify(REAL_RECORDING)}),
  events: (batches) => batches.pipe(
    where((event) => {
      if (event.op === Op.RTO_CB) throw new TypeError('no timeouts, please');
      return true;
    }),
  ),
  sinks: [file(${JSON.stringify(out)})],
});
`,
  );
  const run = sockflow(['run', path]);
  assertRefused(run, {
    status: 1,
    code: 'ERR_SOCKFLOW_LANE_FAILED',
    message: /no timeouts, please/,
    place: /lane 0, output events, operator where, at \/.*throws\.ts:7:41$/m,
    remedy: /\S/,
  });
  assert.equal(existsSync(out), false, 'a part of the output does not look like all of it');
  const lines = readFileSync(`${out}.part`, 'utf8').trimEnd().split('\n').filter(Boolean);
  for (const line of lines) JSON.parse(line);
  const verbose = sockflow(['run', path, '--verbose']);
  assert.match(verbose.stderr, /TypeError: no timeouts, please\n\s+at .*throws\.ts:\d+/);
});

test('what a sink of the module refuses is told by its own code and remedy, with the line of the module', (t) => {
  const dir = useTempDir(t);
  linkSockflow(dir);
  const path = pipelineIn(
    dir,
    'encoding.ts',
    `import { definePipeline, file, replay } from 'sockflow';
export default definePipeline({
  source: replay(${JSON.stringify(REAL_RECORDING)}),
  events: (batches) => batches,
  sinks: [file('out.xyz')],
});
`,
  );
  for (const command of ['run', 'explain']) {
    assertRefused(sockflow([command, path]), {
      status: 2,
      code: 'ERR_SOCKFLOW_(UNKNOWN_NAME|INVALID_OPTION)',
      message: /xyz/,
      place: /encoding\.ts:5:11/,
      remedy: /\S/,
    });
  }
});
