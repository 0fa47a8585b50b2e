import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { WORKSPACE } from './workspace.ts';

const CORE = 'packages/core/src';

/** What a file imports, and whether lint lets it. */
const IMPORTS: readonly [file: string, imported: string, isAllowed: boolean][] = [
  [`${CORE}/slot/a.ts`, '../schema/x.ts', true],
  [`${CORE}/schema/a.ts`, '../slot/x.ts', false],
  [`${CORE}/schema/generate/a.ts`, '../../slot/x.ts', false],
  [`${CORE}/contracts/a.ts`, '../batch/x.ts', true],
  [`${CORE}/contracts/b.ts`, '../operators/x.ts', false],
  [`${CORE}/batch/a.ts`, '../contracts/x.ts', false],
  [`${CORE}/operators/a.ts`, '../contracts/x.ts', true],
  [`${CORE}/operators/b.ts`, '../pipeline/x.ts', false],
  [`${CORE}/pipeline/a.ts`, '../runtime/x.ts', false],
  [`${CORE}/runtime/a.ts`, '../pipeline/x.ts', true],
  [`${CORE}/runtime/b.ts`, '../index.ts', false],
  [`${CORE}/runtime/worker-pool.ts`, 'piscina', true],
  [`${CORE}/runtime/c.ts`, 'piscina', false],
  [`${CORE}/pipeline/strip-types.ts`, '@swc/wasm-typescript', true],
  [`${CORE}/pipeline/c.ts`, '@swc/wasm-typescript', false],
  [`${CORE}/runtime/worker-pool.ts`, '@swc/wasm-typescript', false],
  [`${CORE}/operators/c.ts`, 'rxjs', true],
  [`${CORE}/batch/b.ts`, 'rxjs', false],
  [`${CORE}/runtime/codec.ts`, 'msgpackr', true],
  [`${CORE}/runtime/d.ts`, 'msgpackr/pack', false],
  ['packages/source-replay/src/from-replay.ts', 'rxjs', true],
  ['packages/source-replay/src/a.ts', 'rxjs', false],
  ['packages/sinks/src/encodings/msgpack.ts', 'msgpackr', true],
  ['packages/sinks/src/encodings/ndjson.ts', 'msgpackr', false],
  ['packages/sinks/src/a.ts', '@sockflow/core', true],
  ['packages/sinks/src/b.ts', '@sockflow/core/src/schema/op.ts', false],
];

test('lint refuses an import against the layers, of a foreign package or of an inner file', (t) => {
  const dir = useTempDir(t);
  copyFileSync(join(WORKSPACE, '.oxlintrc.json'), join(dir, '.oxlintrc.json'));
  symlinkSync(join(WORKSPACE, 'node_modules'), join(dir, 'node_modules'));
  for (const [file, imported] of IMPORTS) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(
      join(dir, file),
      `import { x } from '${imported}';\nexport const y: unknown = x;\n`,
    );
  }
  const oxlint = join(WORKSPACE, 'node_modules', '.bin', 'oxlint');
  const { stdout } = spawnSync(oxlint, ['-f', 'unix'], { cwd: dir, encoding: 'utf8' });
  const refused = [...stdout.matchAll(/^(\S+?):\d+:\d+: .*no-restricted-imports/gm)].map(
    ([, file = '']) => file,
  );
  assert.deepEqual(
    refused.toSorted(),
    IMPORTS.filter(([, , isAllowed]) => !isAllowed)
      .map(([file]) => file)
      .toSorted(),
  );
});
