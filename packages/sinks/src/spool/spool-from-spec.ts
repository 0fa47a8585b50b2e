import { ConfigError, type Sink } from '@sockflow/core';

import type { SinkSpec } from '../sink-spec.ts';
import { SpecOptions } from '../spec-options.ts';
import type { OnSpoolFull } from './spool-options.ts';
import { spool } from './spool.ts';

const OPTIONS = [
  'spool',
  'spool-max',
  'spool-full',
  'spool-keep',
  'spool-lag',
  'spool-close',
] as const;

/** A sink's text without what it says of a spool, and what the spool makes of the sink. */
export interface SplitSpool {
  readonly inner: SinkSpec;
  readonly wrap: (sink: Sink) => Sink;
}

/**
 * `?spool=DIR&spool-max=1GiB&spool-full=wait&spool-keep=32MiB&spool-lag=1s&spool-close=5s` of any sink.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function splitSpool(spec: SinkSpec): SplitSpool {
  const given = OPTIONS.filter((name) => spec.options.has(name));
  if (given.length === 0) return { inner: spec, wrap: (sink) => sink };
  const options = new SpecOptions(spec);
  const directory = options.text('spool');
  if (directory === undefined || directory === '') throw directoryMissing(given);
  const settings = {
    maxBytes: options.sizeBytes('spool-max'),
    onFull: options.text('spool-full') as OnSpoolFull | undefined,
    keepBytes: options.sizeBytes('spool-keep'),
    lagAfterMs: options.durationMs('spool-lag'),
    closeAfterMs: options.durationMs('spool-close'),
  };
  const chosen = Object.entries(settings).filter(([, value]) => value !== undefined);
  const rest = [...spec.options].filter(([name]) => !given.some((own) => own === name));
  return {
    inner: { ...spec, options: new Map(rest) },
    wrap: (sink) => spool(sink, { directory, ...Object.fromEntries(chosen) }),
  };
}

function directoryMissing(given: readonly string[]): ConfigError {
  const first = given.find((name) => name !== 'spool') ?? '';
  const what =
    first === '' ? "'spool' names no directory" : `'${first}' means something with spool=DIR only`;
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', what, {
    remedy: 'Add spool=DIR, a folder of this sink alone, or leave it out',
    details: { option: first === '' ? 'spool' : first },
  });
}
