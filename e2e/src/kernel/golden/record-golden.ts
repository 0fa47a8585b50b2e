/*
 * Makes fixtures/live.sfrec and fixtures/live-did.ndjson anew: started by scripts/record-fixture.mjs, with the folder to write to. Needs the kernel.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { KernelScene } from '../kernel-scene.ts';
import { recordGolden } from './golden-traffic.ts';
import { copyNeutral } from './neutral-copy.ts';

const [folder = '.'] = process.argv.slice(2);
const cleanUps: (() => void | Promise<void>)[] = [];
const test = {
  after: (cleanUp: () => void | Promise<void>): void => void cleanUps.push(cleanUp),
  skip: (reason = ''): void => {
    throw new Error(reason);
  },
};

try {
  const scene = await KernelScene.use(test, {
    features: ['time-stamps', 'take-in'],
    tools: ['clang'],
  });
  if (scene === undefined) throw new Error('the kernel cannot do it');
  const rawPath = join(mkdtempSync(join(tmpdir(), 'sockflow-golden-')), 'raw.sfrec');
  test.after(() => rmSync(dirname(rawPath), { recursive: true }));
  const deeds = await recordGolden(test, scene, rawPath);
  await copyNeutral(rawPath, join(folder, 'live.sfrec'));
  const lines = deeds.map((deed) => `${JSON.stringify(deed)}\n`);
  writeFileSync(join(folder, 'live-did.ndjson'), lines.join(''));
} finally {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
}
