import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { BenchDocument } from '@sockflow/benchmark';

import type { BenchInput } from './bench-input.ts';
import type { BenchSubject } from './bench-runner.ts';

const MIB = 2 ** 20;
/* Of a larger recording its ends and its size stand for it: reading all of it takes seconds. */
const MOST_HASHED_BYTES = 64 * MIB;

/** What was measured, on what: that two documents are of the same can be told by it. */
export function inputSettings({
  input: { name, paths },
  subject: { work },
  folder,
}: {
  readonly input: BenchInput;
  readonly subject: BenchSubject;
  readonly folder: string;
}): BenchDocument['settings'] {
  const isLarge = paths.some((path) => statSync(path).size > MOST_HASHED_BYTES);
  const hashes = paths.map((path) => (isLarge ? hashOfEnds(path) : hashOf(path))).join(' ');
  return {
    // A made-up one has no place that stays.
    recordings: paths.map((path) => (path.startsWith(folder) ? name : path)).join(' '),
    [isLarge ? 'recordingSha256OfFirstAndLastMibAndSize' : 'recordingSha256']: hashes,
    ...(work.kind === 'module'
      ? { params: JSON.stringify(work.params), moduleSha256: hashOf(fileURLToPath(work.url)) }
      : {}),
  };
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function hashOfEnds(path: string): string {
  const { size } = statSync(path);
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    for (const offset of [0, Math.max(0, size - MIB)]) {
      const bytes = Buffer.alloc(MIB);
      hash.update(bytes.subarray(0, readSync(file, bytes, 0, MIB, offset)));
    }
  } finally {
    closeSync(file);
  }
  return hash.update(String(size)).digest('hex');
}
