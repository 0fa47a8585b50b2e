import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { requireNode24, skipTest, type SkippableTest } from '@sockflow/test-support';

import { runOwnPipelines } from './own-pipelines.ts';
import { copyFixtures, readExamples, runExample } from './readme-examples.ts';
import { runCommand, WORKSPACE } from './workspace.ts';

const PUBLISHED = [
  'core',
  'benchmark',
  'kafka-client',
  'source-replay',
  'source-bpf',
  'sinks',
  'source-kafka',
  'cli',
];

interface PackedPackage {
  readonly folder: string;
  readonly name: string;
  readonly tarball: string;
}

function pack(folder: string, destination: string): PackedPackage {
  const cwd = join(WORKSPACE, 'packages', folder);
  const output = runCommand('npm', ['pack', '--json', '--pack-destination', destination], { cwd });
  const [packed] = JSON.parse(output) as { name: string; filename: string }[];
  assert.ok(packed !== undefined, `npm pack says nothing about ${folder}`);
  return { folder, name: packed.name, tarball: join(destination, packed.filename) };
}

function runExamples(t: SkippableTest, packed: PackedPackage, dir: string, nodeDir: string): void {
  const examples = readExamples(join(WORKSPACE, 'packages', packed.folder, 'README.md'));
  if (examples.length === 0) {
    skipTest(t, `no example is marked <!-- run --> in packages/${packed.folder}/README.md`);
    return;
  }
  for (const [index, example] of examples.entries()) {
    runExample(example, `${packed.folder}-${index + 1}`, dir, nodeDir);
  }
}

describe('the packages as they are published', () => {
  // Outside the workspace, so that nothing resolves by accident.
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-packed-'));
  const packages = new Map<string, PackedPackage>();

  before(() => {
    for (const folder of PUBLISHED) packages.set(folder, pack(folder, dir));
    writeFileSync(join(dir, 'package.json'), '{ "private": true, "type": "module" }\n');
    const tarballs = [...packages.values()].map(({ tarball }) => tarball);
    runCommand('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], {
      cwd: dir,
    });
    copyFixtures(dir);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  test('install together in an empty folder, each once', () => {
    for (const { name } of packages.values()) {
      const { version } = JSON.parse(
        readFileSync(join(dir, 'node_modules', name, 'package.json'), 'utf8'),
      ) as { version: string };
      const listed = runCommand('npm', ['ls', '--all', '--parseable', name], { cwd: dir });
      assert.equal(listed.trim().split('\n').length, 1, `${name} ${version}:\n${listed}`);
    }
  });

  test('bring the sockflow command', () => {
    const usage = runCommand('npx', ['--no-install', 'sockflow', '--help'], { cwd: dir });
    assert.match(usage, /usage: sockflow/i);
  });

  test('run pipelines in TypeScript and in JavaScript, with a sink of one’s own', () => {
    runOwnPipelines(dir, dirname(process.execPath));
  });

  test('run pipelines in TypeScript and in JavaScript, with a sink of one’s own, on Node 24', (t) => {
    const nodeDir = requireNode24(t);
    if (nodeDir !== undefined) runOwnPipelines(dir, nodeDir);
  });

  for (const folder of PUBLISHED) {
    const packed = (): PackedPackage => {
      const found = packages.get(folder);
      assert.ok(found !== undefined);
      return found;
    };

    test(`packages/${folder} ships neither sources nor tests`, () => {
      const listing = runCommand('tar', ['-tzf', packed().tarball], { cwd: dir }).split('\n');
      assert.ok(listing.includes('package/LICENSE'));
      assert.deepEqual(
        listing.filter((path) => path.includes('.test.') || path.startsWith('package/src/')),
        [],
      );
    });

    test(`packages/${folder} passes publint`, () => {
      const publint = join(WORKSPACE, 'node_modules', '.bin', 'publint');
      runCommand(publint, ['run', packed().tarball, '--strict'], { cwd: dir });
    });

    test(`the example in the README of packages/${folder} runs`, (t) => {
      runExamples(t, packed(), dir, dirname(process.execPath));
    });

    test(`the example in the README of packages/${folder} runs on Node 24`, (t) => {
      const nodeDir = requireNode24(t);
      if (nodeDir !== undefined) runExamples(t, packed(), dir, nodeDir);
    });
  }
});
