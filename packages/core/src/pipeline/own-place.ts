import { findSourceMap } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { localModules } from './local-modules.ts';

/** A place in a module of the user's. */
export interface OwnPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME =
  /^\s+at (?:.*\()?(?:async )?(file:\/\/[^?#]+?|\/[^?#]+?)(?:[?#][^:]*)?:(\d+):(\d+)\)?$/;
const DEEPEST_CAUSE = 16;

/**
 * Where in the user's own modules something was thrown: the first line of a stack that lies in the pipeline module or in what it reaches by relative imports. The
 * innermost cause is asked first: it is what was thrown, the errors around it say by whom it was caught.
 */
export function ownPlace(url: URL, thrown: unknown): OwnPlace | undefined {
  const frames = causesOf(thrown).toReversed().flatMap(framesOf);
  if (frames.length === 0) return undefined;
  const own = new Set<string>();
  for (const module of localModules(url)) {
    for (const file of filesOf(module.url)) own.add(file);
  }
  return frames.find(({ file }) => own.has(file));
}

/** A module's file, and with Node's source maps on what it was compiled from: stacks then name that. */
function filesOf(url: URL | string): string[] {
  const file = fileURLToPath(url);
  const sources = findSourceMap(file)?.payload.sources ?? [];
  return [file, ...sources.map((source) => fileURLToPath(new URL(source, pathToFileURL(file))))];
}

/** A place in words: `/a/slow.ts:12:7`. */
export function ownPlaceText({ file, line, column }: OwnPlace): string {
  return `${file}:${line}:${column}`;
}

function causesOf(thrown: unknown): Error[] {
  const causes: Error[] = [];
  let link = thrown;
  while (link instanceof Error && causes.length < DEEPEST_CAUSE) {
    causes.push(link);
    link = link.cause;
  }
  return causes;
}

function framesOf({ stack = '' }: Error): OwnPlace[] {
  const frames: OwnPlace[] = [];
  for (const text of stack.split('\n')) {
    const [, location, line, column] = FRAME.exec(text) ?? [];
    if (location === undefined) continue;
    const file = fileURLToPath(location.startsWith('/') ? pathToFileURL(location) : location);
    frames.push({ file, line: Number(line), column: Number(column) });
  }
  return frames;
}
