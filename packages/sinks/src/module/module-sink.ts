import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

import { ensureTypeStripping, isSockflowError, remedyOf, type Sink } from '@sockflow/core';

import { SinkError } from '../errors.ts';
import { checkedSink } from './checked-sink.ts';
import { loadRemedy } from './module-fault.ts';

/** What a sink's module exports as default: makes the sink from the options of its text, all of them strings. */
export type SinkFactory = (options: Readonly<Record<string, string>>) => Sink | Promise<Sink>;

const EXPORT_REMEDY =
  'Export a function (options) => sink as default, in a .mjs file or a package with "type": "module"; docs/guides/write-a-sink.md has one';

function moduleError(
  specifier: string,
  message: string,
  remedy: string,
  cause?: unknown,
): SinkError {
  return new SinkError('ERR_SOCKFLOW_SINK_MODULE', `the sink module '${specifier}' ${message}`, {
    remedy,
    details: { module: specifier },
    cause,
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message}`
    : inspect(error, { breakLength: Infinity });
}

/** Where in the module itself it was thrown, as `, at /a/sink.mjs:3:9`; empty where its stack does not tell. */
function thrownAt(url: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(`${url}:`);
  const place = at < 0 ? undefined : /^:(\d+:\d+)/.exec(stack.slice(at + url.length))?.[1];
  return place === undefined ? '' : `, at ${fileURLToPath(url)}:${place}`;
}

/** The module's URL: paths from `baseDir`, anything else as a package that is installed there. */
function urlOf(specifier: string, baseDir: string): string {
  if (specifier.startsWith('file:')) return specifier;
  if (specifier.startsWith('.') || isAbsolute(specifier))
    return pathToFileURL(resolve(baseDir, specifier)).href;
  const resolved = createRequire(join(baseDir, 'package.json')).resolve(specifier);
  return isAbsolute(resolved) ? pathToFileURL(resolved).href : resolved;
}

/**
 * The sink that a module of somebody's own makes.
 *
 * @throws ERR_SOCKFLOW_SINK_MODULE where the module cannot be loaded, its default export is no function, or what that makes is no sink
 */
export async function moduleSink(
  specifier: string,
  options: Readonly<Record<string, string>>,
  baseDir: string,
): Promise<Sink> {
  if (specifier === '')
    throw moduleError(specifier, 'has no path', 'Write it as in module:./my-sink.mjs');
  let loaded: { default?: unknown };
  let url = '';
  try {
    url = urlOf(specifier, baseDir);
    if (/\.m?ts$/.test(url)) ensureTypeStripping();
    loaded = (await import(url)) as { default?: unknown };
  } catch (error) {
    throw moduleError(specifier, `cannot be loaded: ${reasonOf(error)}`, loadRemedy(error), error);
  }
  const factory = loaded.default;
  if (typeof factory !== 'function') {
    const found = factory === undefined ? 'no default export' : `a default ${typeof factory}`;
    throw moduleError(specifier, `has ${found}, expected a function`, EXPORT_REMEDY);
  }
  let made: unknown;
  try {
    made = await (factory as SinkFactory)(options);
  } catch (error) {
    if (isSockflowError(error)) throw error;
    throw moduleError(
      specifier,
      `made no sink: ${reasonOf(error)}${thrownAt(url, error)}`,
      remedyOf(error) ?? 'Mend the options behind its ?, or what its default export does with them',
      error,
    );
  }
  return checkedSink(made, (message, remedy) => moduleError(specifier, message, remedy));
}
