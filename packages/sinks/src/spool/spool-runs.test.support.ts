import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Origin, Sink, SinkContext, SinkWriter } from '@sockflow/core';
import { type CleanableTest, useTempDir } from '@sockflow/test-support';

import type { Numbered } from './spool-kit.test.support.ts';
import type { SpoolOptions } from './spool-options.ts';
import { spool } from './spool.ts';

export interface Run {
  readonly directory: string;
  readonly warnings: string[];
  readonly context: SinkContext;
  isEnding: boolean;
}

export function runIn(t: CleanableTest, directory: string = join(useTempDir(t), 'spool')): Run {
  const warnings: string[] = [];
  const run = {
    directory,
    warnings,
    isEnding: false,
    context: {
      lane: 0,
      lanes: 1,
      warn: (text: string) => void warnings.push(text),
      isEnding: () => run.isEnding,
    },
  };
  return run;
}

export async function opened(sink: Sink, run: Run, lane = 0, lanes = 1): Promise<SinkWriter> {
  await sink.prepare?.({ ...run.context, lanes });
  return sink.open({ ...run.context, lane, lanes });
}

export function spooled(
  destination: Sink,
  { directory }: Run,
  options: Partial<SpoolOptions> = {},
): Sink {
  return spool(destination, {
    directory,
    lagAfterMs: 200,
    closeAfterMs: 300,
    syncAfterMs: 5,
    ...options,
  });
}

export async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`never came: ${what}`);
    await sleep(2);
  }
}

export async function write(
  writer: SinkWriter,
  numbered: Numbered,
  pattern: string,
  origin?: Origin,
): Promise<void> {
  const lent = numbered.batch(pattern, origin);
  const settled = writer.write(lent.batch);
  lent.release();
  await settled;
}
