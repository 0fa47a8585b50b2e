// Reporter of `node --test`: one line per test file, failures in full, and every result as a
// JSON line in the file named by SOCKFLOW_TEST_RESULTS for the summary of the whole run.
import { appendFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { inspect } from 'node:util';

import { briefly } from './tests/briefly.mjs';

const ROOT = process.env.SOCKFLOW_TEST_ROOT ?? process.cwd();

export default async function* report(events) {
  let current;
  for await (const { type, data } of events) {
    const isResult = type === 'test:pass' || type === 'test:fail';
    const isOutput = type === 'test:stdout' || type === 'test:stderr';
    if (!isResult && !isOutput) continue;
    // Node 24 names the file of an output relatively.
    const file = data.file === undefined ? current?.file : resolve(ROOT, data.file);
    if (file !== current?.file) {
      if (current !== undefined) yield fileReport(current);
      current = newFile(file);
    }
    current ??= newFile('(unknown file)');
    if (isOutput) current.output.push(data.message);
    else addResult(current, type, data);
  }
  if (current !== undefined) yield fileReport(current);
}

function newFile(file) {
  return { file, passed: 0, skipped: 0, failures: [], output: [], durationMs: 0 };
}

function addResult(current, type, data) {
  if (data.nesting === 0) current.durationMs += data.details?.duration_ms ?? 0;
  if (data.details?.type === 'suite' && type === 'test:pass') return;
  const skipReason =
    reasonOf(data.skip) ?? (data.todo ? `to do: ${reasonOf(data.todo)}` : undefined);
  const error = data.details?.error;
  // A parent that failed only because a child did would count the same failure twice; a process may die all the same.
  if (type === 'test:fail' && error?.failureType === 'subtestsFailed' && !error.signal) return;
  const result = { file: shown(current.file), name: data.name };
  if (skipReason !== undefined) {
    current.skipped++;
    record({ ...result, outcome: 'skipped', reason: skipReason });
  } else if (type === 'test:pass') {
    current.passed++;
    record({ ...result, outcome: 'passed' });
  } else {
    const text = textOf(causeOf(error));
    current.failures.push({ name: data.name, text });
    const signal = error?.signal ?? undefined;
    record({ ...result, outcome: 'failed', error: briefly(text), signal });
  }
}

/** What a test threw; for a test file whose process failed, how that ended. */
function causeOf(error) {
  if (error?.signal) return `ended with signal ${error.signal}`;
  if (error?.exitCode) return `ended with code ${error.exitCode}`;
  return error?.cause ?? error;
}

function textOf(error) {
  return typeof error === 'string' ? error : inspect(error);
}

function reasonOf(flag) {
  if (flag === undefined || flag === false) return undefined;
  return flag === true || flag === '' ? 'no reason given' : String(flag);
}

function record(result) {
  const path = process.env.SOCKFLOW_TEST_RESULTS;
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(result)}\n`);
}

/** The source file of a compiled test, relative to the workspace. */
function shown(file) {
  return relative(ROOT, file)
    .replace(/\/dist\//, '/src/')
    .replace(/\.js$/, '.ts');
}

function fileReport(current) {
  const counts = [`${current.passed} passed`];
  if (current.failures.length > 0) counts.push(`${current.failures.length} FAILED`);
  if (current.skipped > 0) counts.push(`${current.skipped} skipped`);
  const mark = current.failures.length > 0 ? '✖' : '✔';
  const time = `${(current.durationMs / 1000).toFixed(1)} s`;
  let text = `${mark} ${shown(current.file)}  ${counts.join(', ')}  ${time}\n`;
  if (current.failures.length === 0) return text;
  for (const failure of current.failures) text += indent(`✖ ${failure.name}\n${failure.text}`);
  if (current.output.length > 0) text += indent(`output:\n${current.output.join('')}`);
  return text;
}

function indent(text) {
  return `${text.trimEnd().replace(/^/gm, '    ')}\n`;
}
