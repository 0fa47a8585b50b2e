/*
 * What a file sink's outputs are called. Three forms:
 *
 *   fixed    out.ndjson                        one lane; several: out.0.ndjson, out.1.ndjson (as parts of recordings are)
 *   series   out.20261124T094233.123Z.ndjson   one part after another; several lanes: out.0.20261124T094233.123Z.ndjson
 *            {time} {lane} {n} in a name say where else these stand
 *   any of them ends in .part until it is complete
 */
import { basename, dirname, extname, join } from 'node:path';

import { ConfigError, LANE_BUCKETS } from '@sockflow/core';
import { finishedName, partNumberOf, partPath } from '@sockflow/source-replay/part-names';

import { unknownName } from '../unknown-name.ts';
import { compressionByName, compressionSuffix, uncompressedName } from './compression.ts';

/** What stands for a placeholder in a part's name, as a pattern. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  time: String.raw`\d{8}T\d{6}\.\d{3}Z`,
  lane: String.raw`0|[1-9]\d?`,
  n: String.raw`\d{6,15}`,
};
const PLACEHOLDER = /\{([a-z]+)\}/g;
const N_DIGITS = 6;

/** What tells one part of a series from the others. */
export interface PartKey {
  readonly lane: number;
  /** When it was begun, ms since 1970. */
  readonly timeMs: number;
  /** Its number. */
  readonly n: number;
}

/** A path's extension, so that a lane's number fits before it: `.context.ndjson.gz` is one. */
export function extensionOf(path: string, extensions: readonly string[]): string {
  const name = basename(uncompressedName(path));
  const known = extensions.find((extension) => name.endsWith(extension) && name !== extension);
  return (known ?? extname(name)) + compressionSuffix(compressionByName(path));
}

/** The names that a path's lanes may have, of however many lanes. */
export function laneNames(path: string, extension: string): string[] {
  return Array.from({ length: LANE_BUCKETS }, (_, lane) =>
    partPath(path, lane, LANE_BUCKETS, extension),
  );
}

/** Those of a folder's file names that an earlier run under the same path left: its parts by lane and what was never completed. */
export function earlierOutputs(
  path: string,
  extension: string,
  names: readonly string[],
): string[] {
  const isEarlier = (name: string): boolean =>
    finishedName(name) === basename(path) ||
    (partNumberOf(path, name, extension) ?? LANE_BUCKETS) < LANE_BUCKETS;
  return names.filter(isEarlier).map((name) => join(dirname(path), name));
}

/**
 * Whether a path's name has placeholders that make it a series.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION
 */
export function hasPlaceholders(path: string): boolean {
  const names = placeholdersOf(basename(path));
  for (const name of names) {
    if (!Object.hasOwn(PLACEHOLDERS, name))
      throw unknownName('placeholder', name, Object.keys(PLACEHOLDERS));
  }
  const isRefused =
    new Set(names).size !== names.length || placeholdersOf(dirname(path)).length > 0;
  if (isRefused)
    throw badName(
      path,
      'has placeholders in a folder, or one twice',
      'Have each once, in the name',
    );
  if (names.length > 0 && !names.includes('time') && !names.includes('n')) {
    throw badName(
      path,
      'would call every part of a lane the same',
      'Add {time} or {n}, or leave {lane} out: lanes are told apart as out.0.ndjson is without it',
    );
  }
  return names.length > 0;
}

function placeholdersOf(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

function badName(path: string, what: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `the name ${path} ${what}`, {
    remedy,
    details: { option: 'path', path },
  });
}

/** The names of a series of parts: made of a path that says, or is told, where time, lane and number stand. */
export class PartNames {
  /** The path with all placeholders that it has in the end. */
  readonly template: string;
  readonly #pattern: RegExp;

  constructor(path: string, extension: string, lanes: number) {
    const given = placeholdersOf(basename(path));
    const isAdded = { lane: lanes > 1, time: !given.includes('n') };
    const added = (['lane', 'time'] as const).filter(
      (name) => isAdded[name] && !given.includes(name),
    );
    const stem = basename(path, extension);
    const name = [stem, ...added.map((placeholder) => `{${placeholder}}`)].join('.') + extension;
    this.template = join(dirname(path), name);
    this.#pattern = patternOf(name);
  }

  get folder(): string {
    return dirname(this.template);
  }

  /** All names at once, as a shell has it. */
  get glob(): string {
    return this.template.replace(PLACEHOLDER, '*');
  }

  /** The final path of a part. */
  pathOf({ lane, timeMs, n }: PartKey): string {
    const texts: Readonly<Record<string, string>> = {
      lane: String(lane),
      time: new Date(timeMs).toISOString().replaceAll(/[-:]/g, ''),
      n: String(n).padStart(N_DIGITS, '0'),
    };
    const name = basename(this.template).replace(PLACEHOLDER, (_, key: string) => texts[key] ?? '');
    return join(this.folder, name);
  }

  /** What a file's name says, where it is one of these: texts that sort by age. */
  read(
    name: string,
  ): { readonly lane: string; readonly time: string; readonly n: number } | undefined {
    const groups = this.#pattern.exec(name)?.groups;
    if (groups === undefined) return undefined;
    const { lane = '', time = '', n = '0' } = groups;
    return { lane, time, n: Number(n) };
  }
}

/** The names of a series with one lane and with several: a run with another number of lanes has the same series. */
export function seriesNames(path: string, extension: string): PartNames[] {
  return [1, 2].map((lanes) => new PartNames(path, extension, lanes));
}

function patternOf(name: string): RegExp {
  const pattern = name
    .split(/(\{[a-z]+\})/)
    .map((piece) => {
      const placeholder = /^\{([a-z]+)\}$/.exec(piece)?.[1];
      if (placeholder === undefined)
        return piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
      return `(?<${placeholder}>${PLACEHOLDERS[placeholder]})`;
    })
    .join('');
  return new RegExp(`^${pattern}$`);
}
