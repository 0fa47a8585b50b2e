import { ConfigError } from '@sockflow/core';

/** A sink as text, taken apart: `file:out.ndjson?encoding=ndjson`. */
export interface SinkSpec {
  /** What kind of sink: `file`, `console`, `memory`, `module`. */
  readonly scheme: string;
  /** What stands between scheme and options: a path, mostly. */
  readonly target: string;
  readonly options: ReadonlyMap<string, string>;
}

const SCHEME = /^([a-z][a-z0-9+-]*):/;

/**
 * Takes a sink apart that is written as `SCHEME:TARGET?KEY=VALUE&...`. Without a scheme it is a file, unless it is the bare name of a kind of sink that needs no target.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function parseSinkSpec(text: string): SinkSpec {
  const bare = text === 'console' || text === 'memory' ? `${text}:` : text;
  const match = SCHEME.exec(bare);
  const scheme = match?.[1] ?? 'file';
  const rest = match === null ? bare : bare.slice(scheme.length + 1);
  const queryStart = rest.indexOf('?');
  const target = queryStart < 0 ? rest : rest.slice(0, queryStart);
  return { scheme, target, options: optionsOf(text, queryStart < 0 ? '' : rest.slice(queryStart)) };
}

function optionsOf(text: string, query: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(query)) {
    if (options.has(key)) {
      throw new ConfigError(
        'ERR_SOCKFLOW_INVALID_OPTION',
        `the sink '${text}' has the option '${key}' twice`,
        { remedy: 'Say it once', details: { sink: text, option: key } },
      );
    }
    options.set(key, value);
  }
  return options;
}
