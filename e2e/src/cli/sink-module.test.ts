import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { assertRefused, REAL_RECORDING, sockflow, sockflowOk } from './sockflow-command.ts';

/* Knows nothing of core: the contract is all it needs. */
const COUNT_SINK = `import { writeFileSync } from 'node:fs';

export default function countSink(options) {
  return {
    name: 'count',
    accepts: 'batches',
    open({ lane }) {
      let events = 0;
      return {
        get acknowledged() { return events; },
        failed: 0,
        write(batch) { events += batch.size; },
        flush() {},
        close() {
          const location = options.path + '.' + lane;
          writeFileSync(location, String(events));
          return { location };
        },
      };
    },
  };
}
`;

test('a sink in a module of one’s own, outside of the workspace, takes events from the command line', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-sink-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(dir, 'my-sink.js'), COUNT_SINK);
  const spec = 'module:./my-sink.js?path=counted';
  const args = ['replay', REAL_RECORDING, '--op', 'STATE_CB', '--lanes', '2', '--sink', spec];
  const run = sockflowOk([...args, '--json'], { cwd: dir });
  const { ledger, sinks } = JSON.parse(run.stdout);
  const counted = [0, 1].map((lane) => Number(readFileSync(join(dir, `counted.${lane}`), 'utf8')));
  assert.equal((counted[0] ?? 0) + (counted[1] ?? 0), ledger.total.outputs[0].out);
  assert.ok(counted.every((events) => events > 0));
  assert.deepEqual(sinks.map(({ location }: { location: string }) => location).toSorted(), [
    'counted.0',
    'counted.1',
  ]);
});

test('a sink module that is not there, or exports no sink, is refused', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-sink-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'empty.mjs'), 'export const nothing = 1;\n');
  for (const name of ['none.mjs', 'empty.mjs']) {
    const run = sockflow(['replay', REAL_RECORDING, '--sink', `module:./${name}`], { cwd: dir });
    assertRefused(run, {
      status: 2,
      code: 'ERR_SOCKFLOW_SINK_MODULE',
      place: new RegExp(name),
      remedy: /\S/,
    });
  }
});
