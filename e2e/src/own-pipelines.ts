import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runCommand } from './workspace.ts';

/* What needs more than erasing a type would not run: enums are refused by the design, a type import and `satisfies` are what people write. */
const TYPED = `import { tap } from 'rxjs';
import { type Batch, definePipeline, emit, filterOp, Op, replay } from 'sockflow';

import { countSink } from './count-sink.mjs';
import type { Params } from './params.ts';

interface Slow { readonly port: number; readonly us: number }

export default definePipeline((params: Params) => ({
  source: replay(params.recording),
  events: (batches) => ({
    rtt: batches.pipe(
      filterOp(Op.RTT_CB),
      tap((batch) => {
        for (const event of batch) {
          if (event.mrttUs! > 1000) emit({ port: event.remotePort, us: event.mrttUs! } satisfies Slow);
        }
      }),
    ),
  }),
  sinks: { rtt: [countSink({ path: params.counts })] },
}));
export type Kept = Batch;
`;
const PARAMS = `export interface Params { readonly recording: string; readonly counts: string }
`;
const PLAIN = `import { tap } from 'rxjs';
import { definePipeline, emit, filterOp, Op, replay } from 'sockflow';

import { countSink } from './count-sink.mjs';

export default definePipeline((params) => ({
  source: replay(params.recording),
  events: (batches) => ({
    rtt: batches.pipe(
      filterOp(Op.RTT_CB),
      tap((batch) => {
        for (const event of batch) {
          if (event.mrttUs > 1000) emit({ port: event.remotePort, us: event.mrttUs });
        }
      }),
    ),
  }),
  sinks: { rtt: [countSink({ path: params.counts })] },
}));
`;
/* Imports nothing of the product: the contract is all that a sink needs. */
const SINK = `import { writeFileSync } from 'node:fs';

export function countSink({ path }) {
  return {
    name: 'count',
    accepts: 'batches',
    open({ lane }) {
      let events = 0;
      return {
        get acknowledged() { return events; },
        failed: 0,
        write(batch) { for (const event of batch) if (event.op !== undefined) events++; },
        flush() {},
        close() { writeFileSync(path + '.' + lane, String(events)); return { location: path }; },
      };
    },
  };
}
export default countSink;
`;
const RTT_EVENTS = 2665;

interface Emitted {
  readonly port: number;
  readonly us: number;
}

/**
 * Runs the same pipeline in TypeScript and in JavaScript, in two lanes, from the command and from a program, in a folder that has the packages installed; and its sink by the command line alone.
 *
 * @throws where one of them gives other events, or does not end with code 0.
 */
export function runOwnPipelines(installDir: string, nodeDir: string): void {
  const dir = join(installDir, 'own');
  const pathDirs = [nodeDir, join(installDir, 'node_modules', '.bin')];
  mkdirSync(dir, { recursive: true });
  const files = {
    'typed.ts': TYPED,
    'params.ts': PARAMS,
    'plain.mjs': PLAIN,
    'count-sink.mjs': SINK,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const emitted = ['typed.ts', 'plain.mjs'].map((module) => {
    const args = ['run', module, '--lanes', '2', '--json', '--param', 'recording=../real.sfrec'];
    const summary = runCommand('sockflow', [...args, '--param', 'counts=counts'], {
      cwd: dir,
      pathDirs,
    });
    assert.equal(countedIn(dir), RTT_EVENTS, module);
    return (JSON.parse(summary) as { results: Emitted[] }).results;
  });
  const sorted = emitted.map((values) => values.map((value) => JSON.stringify(value)).toSorted());
  assert.ok((sorted[0] ?? []).length > 0);
  assert.deepEqual(sorted[0], sorted[1]);
  const sink = 'module:./count-sink.mjs?path=counts';
  const replayArgs = ['replay', '../real.sfrec', '--op', 'RTT_CB', '--lanes', '2', '--sink', sink];
  runCommand('sockflow', replayArgs, { cwd: dir, pathDirs });
  assert.equal(countedIn(dir), RTT_EVENTS, 'the sink by itself');
  rmSync(dir, { recursive: true });
}

/** What the two lanes' sinks counted; their files are removed. */
function countedIn(dir: string): number {
  const names = readdirSync(dir).filter((name) => name.startsWith('counts.'));
  assert.deepEqual(names.toSorted(), ['counts.0', 'counts.1']);
  let events = 0;
  for (const name of names) {
    events += Number(readFileSync(join(dir, name), 'utf8'));
    rmSync(join(dir, name));
  }
  return events;
}
