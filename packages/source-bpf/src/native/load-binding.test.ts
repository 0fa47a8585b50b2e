import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

import { type CleanableTest, useTempDir } from '@sockflow/test-support';

import type { KernelError } from '../errors.ts';
import { loadBinding, type LoadBindingOptions } from './load-binding.ts';

const PLATFORM_PACKAGE = '@sockflow/source-bpf-linux-x64';
const ON_LINUX = { platform: 'linux', arch: 'x64' };

/** A `require` of a folder where the platform package is installed with these files. */
function installWith(t: CleanableTest, files: readonly string[]): NodeJS.Require {
  const dir = useTempDir(t);
  const packageDir = join(dir, 'node_modules', PLATFORM_PACKAGE);
  mkdirSync(packageDir, { recursive: true });
  writeFileSync(join(packageDir, 'package.json'), '{}');
  for (const file of files) writeFileSync(join(packageDir, file), 'no addon');
  return createRequire(join(dir, 'index.js'));
}

function refusalOf(options: LoadBindingOptions): KernelError {
  try {
    loadBinding(options);
  } catch (error) {
    return error as KernelError;
  }
  return assert.fail('expected an error');
}

test('says that there is none for another machine', () => {
  const mac = refusalOf({ platform: 'darwin', arch: 'arm64' });
  assert.equal(mac.code, 'ERR_SOCKFLOW_KERNEL_ADDON');
  assert.match(mac.message, /expected Linux on x64, found darwin on arm64/);
  assert.match(refusalOf({ platform: 'linux', arch: 'arm64' }).message, /linux on arm64/);
});

test('says what to install where the platform package is not there, or not whole', (t) => {
  const dir = useTempDir(t);
  const none = refusalOf({ ...ON_LINUX, require: createRequire(join(dir, 'index.js')) });
  assert.equal(none.code, 'ERR_SOCKFLOW_KERNEL_ADDON');
  assert.match(none.remedy ?? '', new RegExp(`Install ${PLATFORM_PACKAGE}`));
  const half = refusalOf({ ...ON_LINUX, require: installWith(t, ['sockflow_bpf.node']) });
  assert.match(half.message, /sockflow\.bpf\.o/);
});

test('says why an addon cannot be loaded, and where it lies', (t) => {
  const require = installWith(t, ['sockflow_bpf.node', 'sockflow.bpf.o']);
  const error = refusalOf({ ...ON_LINUX, require });
  assert.equal(error.code, 'ERR_SOCKFLOW_KERNEL_ADDON');
  assert.match((error.details as { path: string }).path, /sockflow_bpf\.node$/);
  assert.ok(error.cause instanceof Error);
});

test('refuses an addon of another version', (t) => {
  const require = installWith(t, ['sockflow.bpf.o']);
  const path = join(require.resolve(`${PLATFORM_PACKAGE}/sockflow.bpf.o`), '..', 'other.cjs');
  writeFileSync(path, 'module.exports = { version: "9.9.9" };');
  copyFileSync(path, join(path, '..', 'sockflow_bpf.node.js'));
  const error = refusalOf({ ...ON_LINUX, require });
  assert.equal(error.code, 'ERR_SOCKFLOW_KERNEL_ADDON');
  assert.match(error.message, /expected addon version \S+, found 9\.9\.9/);
});
