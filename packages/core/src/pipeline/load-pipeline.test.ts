import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

import { requireNode24, useTempDir } from '@sockflow/test-support';

import { ConfigError } from '../errors.ts';
import { loadPipeline } from './load-pipeline.ts';
import { pipelineUrl } from './pipeline-url.ts';

const SOURCE = `{ name: 'none', reportedOps: undefined, open() {}, openLane() {}, describePushDown() {} }`;
const BODY = `{ source: ${SOURCE}, events: (batches) => batches, sinks: [] }`;

function writeFiles(t: TestContext, files: Readonly<Record<string, string>>): string {
  const dir = useTempDir(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

async function refusal(
  path: string,
  params: object = {},
  code = 'ERR_SOCKFLOW_PIPELINE_MODULE',
): Promise<ConfigError> {
  try {
    await loadPipeline(pathToFileURL(path), { ...params });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, code);
    assert.ok(error.remedy);
    return error;
  }
  throw new assert.AssertionError({ message: `${path} was not refused` });
}

/** TypeScript of every kind: types, relative imports by either name, syntax that is more than types. */
const TYPESCRIPT = {
  'main.ts': `
    import { kind, type Named } from './kinds.ts';
    import { deep } from './deep/deep.js';
    const name: Named = { name: kind(deep) };
    export default { source: { ...${SOURCE}, name: name.name }, events: (batches: unknown) => batches, sinks: [] };
  `,
  'kinds.ts': `
    export interface Named { readonly name: string }
    export enum Kind { Fast = 'fast', Slow = 'slow' }
    export const kind = (value: number): Kind => (value > 1 ? Kind.Fast : Kind.Slow);
  `,
  'deep/deep.ts': `export const deep: number = 2 satisfies number;`,
};

test('loads a JavaScript module that exports a definition', async (t) => {
  const dir = writeFiles(t, { 'p.mjs': `export default ${BODY};` });
  const definition = await loadPipeline(pathToFileURL(join(dir, 'p.mjs')), {});
  assert.equal(definition.source.name, 'none');
});

test('hands the params to a module that exports a function, which may be asynchronous', async (t) => {
  const dir = writeFiles(t, {
    'p.mjs': `export default async ({ name }) => ({ ...${BODY}, source: { ...${SOURCE}, name } });`,
  });
  const definition = await loadPipeline(pathToFileURL(join(dir, 'p.mjs')), { name: 'given' });
  assert.equal(definition.source.name, 'given');
});

/** Each path in a process of its own: a thread that once loaded TypeScript stays able to. */
function loadInNewProcesses(node: string, t: TestContext): string[] {
  const inPackage = Object.fromEntries(
    Object.entries(TYPESCRIPT).map(([path, text]) => [`node_modules/flow/${path}`, text]),
  );
  const dir = writeFiles(t, {
    ...TYPESCRIPT,
    ...inPackage,
    'node_modules/flow/package.json': '{ "name": "flow" }',
    'p.mjs': `import main from './main.ts'; export default main;`,
  });
  const loader = new URL('./load-pipeline.js', import.meta.url).href;
  return ['main.ts', 'node_modules/flow/main.ts', 'p.mjs'].map((path) => {
    const script = `
      import { loadPipeline } from '${loader}';
      const { source } = await loadPipeline(new URL('${pathToFileURL(join(dir, path)).href}'), {});
      process.stdout.write(source.name + ' ' + process.version.split('.')[0]);
    `;
    return execFileSync(node, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  });
}

test('loads TypeScript with relative imports and enums: a file, a file of a package in node_modules, one that JavaScript imports', (t) => {
  const version = process.version.split('.')[0];
  const expected = `fast ${version}`;
  assert.deepEqual(loadInNewProcesses(process.execPath, t), [expected, expected, expected]);
});

test('loads the same TypeScript in the same way on Node 24', (t) => {
  const node24 = requireNode24(t);
  if (node24 === undefined) return;
  const printed = loadInNewProcesses(join(node24, 'node'), t);
  assert.deepEqual(printed, ['fast v24', 'fast v24', 'fast v24']);
});

test('a module that is not there is named, with what to give', async () => {
  const error = await refusal('/no/such/pipeline.ts', {}, 'ERR_SOCKFLOW_PIPELINE_MISSING');
  assert.match(error.message, /no pipeline module \/no\/such\/pipeline\.ts: there is no such file/);
  assert.deepEqual((error.details as { reason: string }).reason, 'not-found');
});

test('a folder is refused as such', async (t) => {
  const error = await refusal(writeFiles(t, {}), {}, 'ERR_SOCKFLOW_PIPELINE_MISSING');
  assert.match(error.message, /it is not a file/);
});

test('an import that is not there is told apart from a missing pipeline', async (t) => {
  const dir = writeFiles(t, { 'p.mjs': `import './gone.mjs'; export default ${BODY};` });
  const error = await refusal(join(dir, 'p.mjs'));
  assert.match(error.message, /imports what is not there: .*gone\.mjs/);
});

for (const extension of ['mjs', 'ts']) {
  test(`a syntax error in ${extension} is shown with its file, line and column`, async (t) => {
    const dir = writeFiles(t, {
      [`p.${extension}`]: 'const a = 1;\nconst b = ;\nexport default a;\n',
    });
    const error = await refusal(join(dir, `p.${extension}`));
    assert.match(error.message, new RegExp(`p\\.${extension}:2:11: `));
    assert.equal((error.details as { line: number }).line, 2);
  });

  test(`a syntax error in an imported ${extension} is shown where it is`, async (t) => {
    const dir = writeFiles(t, {
      [`p.${extension}`]: `import './lib/bad.${extension}';\nexport default ${BODY};`,
      [`lib/bad.${extension}`]: '\n\nfunction (',
    });
    const error = await refusal(join(dir, `p.${extension}`));
    assert.match(error.message, new RegExp(`lib/bad\\.${extension}:3:`));
  });
}

test('a name that a module does not export is shown with its line', async (t) => {
  const dir = writeFiles(t, {
    'p.mjs': `import fs from 'node:fs';\nimport { nope } from 'node:path';\nexport default ${BODY};`,
  });
  const error = await refusal(join(dir, 'p.mjs'));
  assert.match(error.message, /p\.mjs:2: .*'nope'/);
  assert.match(error.remedy ?? '', /import type/);
});

test('what a module throws while it loads is the cause, with its line', async (t) => {
  const dir = writeFiles(t, { 'p.mjs': `const a = 1;\nthrow new RangeError('too hot');` });
  const error = await refusal(join(dir, 'p.mjs'));
  assert.match(error.message, /p\.mjs:2: too hot/);
  assert.ok(error.cause instanceof RangeError);
});

test('what the exported function throws is the cause, with its line', async (t) => {
  const dir = writeFiles(t, {
    'p.ts': `export default (params: { port?: number }) => {\n  throw new Error(\`port \${params.port}\`);\n};`,
  });
  const error = await refusal(join(dir, 'p.ts'), { port: 7 });
  assert.match(error.message, /p\.ts:2: port 7/);
});

test('an error of ours that the module throws keeps its code and remedy and names the line of the module', async (t) => {
  const errors = new URL('../errors.js', import.meta.url).href;
  const library = `import { ConfigError } from '${errors}';
    export const fail = () => { throw new ConfigError('ERR_SOCKFLOW_UNKNOWN_NAME', 'no such encoding', { remedy: 'name another' }); };`;
  const dir = writeFiles(t, {
    'node_modules/library/package.json': '{ "exports": "./index.mjs" }',
    'node_modules/library/index.mjs': library,
    'made.mjs': `import { fail } from 'library';\nexport default () => fail();`,
    'loaded.mjs': `import { fail } from 'library';\n\n  fail();`,
  });
  for (const [name, place] of [
    ['made.mjs', ':2:22'],
    ['loaded.mjs', ':3:3'],
  ] as const) {
    const path = join(dir, name);
    await assert.rejects(loadPipeline(pathToFileURL(path), {}), {
      name: 'ConfigError',
      code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
      message: 'no such encoding',
      remedy: 'name another',
      details: { place: `${path}${place}` },
    });
  }
});

test('what a library throws when the module calls it is told with the line of the module', async (t) => {
  const dir = writeFiles(t, {
    'node_modules/library/package.json': '{ "exports": "./index.mjs" }',
    'node_modules/library/index.mjs': `export const fail = (options) => options.size;`,
    'p.mjs': `import { own } from './own.mjs';\nown();\nexport default ${BODY};`,
    'own.mjs': `import { fail } from 'library';\n\nexport const own = () => fail();`,
  });
  const error = await refusal(join(dir, 'p.mjs'));
  assert.match(error.message, /own\.mjs:3: /);
});

test('a module without a default export is told how to have one', async (t) => {
  const dir = writeFiles(t, { 'p.mjs': `export const pipeline = ${BODY};` });
  const error = await refusal(join(dir, 'p.mjs'));
  assert.match(error.message, /has no default export/);
  assert.match(error.remedy ?? '', /definePipeline/);
});

const WRONG_SHAPES: readonly (readonly [string, RegExp])[] = [
  ['5', /should be a pipeline, but is a number/],
  ['null', /should be a pipeline, but is null/],
  ['() => undefined', /what its default export returns should be a pipeline, but is undefined/],
  ['{ events: 1, sinks: [] }', /has no source/],
  [`{ source: {}, events: (b) => b, sinks: [] }`, /has a source that is not one/],
  [`{ source: ${SOURCE}, sinks: [] }`, /needs events to be a function, but it is undefined/],
  [`{ source: ${SOURCE}, events: (b) => b }`, /has no sinks/],
  [`{ source: ${SOURCE}, events: (b) => b, sinks: [{ name: 'x' }] }`, /sinks\[0\] no sink/],
  [`{ source: ${SOURCE}, events: (b) => b, sinks: { a: 3 } }`, /sinks\.a to be a list/],
];
for (const [exported, message] of WRONG_SHAPES) {
  test(`refuses a default export of ${exported.replaceAll(SOURCE, '…')}`, async (t) => {
    const dir = writeFiles(t, { 'p.mjs': `export default ${exported};` });
    assert.match((await refusal(join(dir, 'p.mjs'))).message, message);
  });
}

test('a pipeline is named by a path, absolute or relative, or by a URL', () => {
  assert.equal(pipelineUrl('/a/b.ts').href, 'file:///a/b.ts');
  assert.equal(pipelineUrl('b.ts').href, pathToFileURL('b.ts').href);
  assert.equal(pipelineUrl('file:///a/b.ts').href, 'file:///a/b.ts');
  assert.equal(pipelineUrl(new URL('file:///c.js')).href, 'file:///c.js');
});

test('a URL that is no file is refused', async () => {
  await assert.rejects(loadPipeline(new URL('https://example.org/p.js'), {}), {
    code: 'ERR_SOCKFLOW_PIPELINE_MISSING',
  });
});
