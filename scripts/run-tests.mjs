// Runs every test of the workspace from its compiled form and sums up what happened.
//
//   node scripts/run-tests.mjs [part of a file name ...]
//
// A file that failed is run once more, alone, where the whole suite is run: tests/second-runs.mjs.
//
// With SOCKFLOW_REQUIRE=all nothing may be left out: a skipped test counts as failed, the tests run
// a second time on Node 24, and the checks (types, lint, format, generated files, docs) run as well.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { installNode24 } from './node-24.mjs';
import { isOfKernel } from './tests/kernel-files.mjs';
import { SecondRuns } from './tests/second-runs.mjs';
import { printSummary } from './tests/summary.mjs';
import { filesBelow, packageFolders, ROOT } from './workspace.mjs';

const IS_ALL_REQUIRED = process.env.SOCKFLOW_REQUIRE === 'all';
const TEST_TIMEOUT_MS = 15 * 60 * 1000;
/* Files at a time: most of them wait for timers or for processes. Node's own choice is one less than there are CPUs. */
const FILES_AT_ONCE = Math.max(2, availableParallelism());
/* On one Node only: the sanitizers' load the addon's other build, made for one; benchmarks are run to see that their sides agree, which takes minutes and which no user installs. */
const ONCE_FILES = /(\/sanitizers\.kernel|^e2e\/dist\/bench(\.baseline)?|\/slot-peers)\.test\./;
const CHECKS = [
  ['types', ['node_modules/.bin/tsc', '-b']],
  ['lint', ['node_modules/.bin/oxlint', '--deny-warnings']],
  ['format', ['node_modules/.bin/oxfmt', '--check']],
  ['generated files', [process.execPath, 'scripts/check-generated.mjs']],
  ['docs', [process.execPath, 'scripts/check-docs.mjs']],
];

/** Compiled test files, found by their sources: a stale file in dist never runs. */
function compiledTests(nameParts) {
  const compiled = [];
  for (const folder of packageFolders()) {
    for (const source of filesBelow(`${folder}/src`, (path) => path.endsWith('.test.ts'))) {
      if (nameParts.length > 0 && !nameParts.some((part) => source.includes(part))) continue;
      const path = compiledOf(source);
      if (!existsSync(join(ROOT, path))) throw new Error(`${source} is not built; run: pnpm build`);
      compiled.push(path);
    }
  }
  return compiled;
}

/** Those of the kernel apart. @returns one row of the summary for either: the name, the time and the results of every test. */
function runTests(node, files, secondRuns) {
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
  const groups = [
    [
      `tests on Node ${version}`,
      files.filter((path) => !isOfKernel(sourceOf(path))),
      FILES_AT_ONCE,
    ],
    [`kernel, on Node ${version}`, files.filter((path) => isOfKernel(sourceOf(path))), 1],
  ];
  return groups
    .filter(([, members]) => members.length > 0)
    .map(([step, members, atOnce]) => {
      const startMs = Date.now();
      const first = runFiles(node, step, members, atOnce);
      const results = secondRuns.apply(first, (source) =>
        runFiles(node, `${step}, again and alone: ${source}`, [compiledOf(source)], 1),
      );
      return { step, durationMs: Date.now() - startMs, results };
    });
}

function compiledOf(source) {
  return source.replace('/src/', '/dist/').replace(/\.ts$/, '.js');
}

function sourceOf(compiled) {
  return compiled.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
}

function runFiles(node, step, files, atOnce) {
  heading(step);
  const resultsDir = mkdtempSync(join(tmpdir(), 'sockflow-run-tests-'));
  const resultsPath = join(resultsDir, 'results.ndjson');
  const run = spawnSync(
    node,
    [
      '--enable-source-maps',
      '--test',
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      `--test-concurrency=${atOnce}`,
      '--test-reporter=./scripts/test-reporter.mjs',
      '--test-reporter-destination=stdout',
      ...files,
    ],
    {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
        SOCKFLOW_TEST_RESULTS: resultsPath,
        SOCKFLOW_TEST_ROOT: ROOT,
      },
    },
  );
  const results = readResults(resultsPath);
  rmSync(resultsDir, { recursive: true, force: true });
  const isExplained = run.status === 0 || results.some((result) => result.outcome === 'failed');
  if (!isExplained) {
    const how = run.signal === null ? `code ${run.status}` : `signal ${run.signal}`;
    results.push({
      file: 'node --test',
      name: `ended with ${how}`,
      outcome: 'failed',
      isFinal: true,
    });
  }
  return results;
}

function readResults(path) {
  if (!existsSync(path)) return [];
  const results = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return results.map((result) =>
    IS_ALL_REQUIRED && result.outcome === 'skipped'
      ? {
          ...result,
          name: `${result.name} (skipped: ${result.reason})`,
          outcome: 'failed',
          isFinal: true,
        }
      : result,
  );
}

function runCheck(name, [command, ...args]) {
  heading(name);
  const startMs = Date.now();
  const run = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  const outcome = run.status === 0 ? 'passed' : 'failed';
  return {
    step: name,
    durationMs: Date.now() - startMs,
    results: [{ file: command, name: args.join(' '), outcome }],
  };
}

function heading(text) {
  console.log(`\n— ${text} —`);
}

const nameParts = process.argv.slice(2);
const files = compiledTests(nameParts);
if (files.length === 0) throw new Error('no test file matches');
// First of all, since tests may look for it too.
const node24Dir = IS_ALL_REQUIRED ? installNode24() : undefined;
const secondRuns = new SecondRuns(nameParts.length === 0);
const rows = runTests(process.execPath, files, secondRuns);
if (node24Dir !== undefined) {
  const others = files.filter((path) => !ONCE_FILES.test(path));
  rows.push(...runTests(join(node24Dir, 'node'), others, secondRuns));
  for (const [name, command] of CHECKS) rows.push(runCheck(name, command));
}
heading('summary');
process.exitCode = printSummary(rows) ? 0 : 1;
