import type { Document, LineCounter, Node } from 'yaml';

import { CommandError, type CommandErrorCode } from '../errors.ts';

/** The keys that lead to a value. */
export type ConfigPath = readonly (string | number)[];

/** Collects what is wrong with a config file: each with its place, all of it before anything is told. */
export class ConfigProblems {
  readonly errors: CommandError[];
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document;

  constructor(file: string, document: Document, lines: LineCounter) {
    this.errors = [];
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  add(
    path: ConfigPath,
    message: string,
    remedy: string,
    code: CommandErrorCode = 'ERR_SOCKFLOW_CONFIG',
  ): void {
    this.addAt(this.placeOf(path), message, remedy, code);
  }

  addAt(place: string, message: string, remedy: string, code: CommandErrorCode): void {
    this.errors.push(new CommandError(code, message, { details: { place }, remedy }));
  }

  /** `agent.yaml:7:3 source.bpf.rtt`: of a key where it has one, else of what holds it. */
  placeOf(path: ConfigPath): string {
    const offset = this.#offsetOf(path);
    const where = offset === undefined ? this.#file : this.placeAt(offset);
    return path.length === 0 ? where : `${where} ${pathText(path)}`;
  }

  placeAt(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }

  #offsetOf(path: ConfigPath): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const holder = this.#document.getIn(path.slice(0, length - 1), true) as MapLike | undefined;
      const key = path[length - 1];
      const pair = holder?.items?.find((item) => item.key?.value === key);
      const node = pair?.key ?? (this.#document.getIn(path.slice(0, length), true) as Node | null);
      const range = node?.range ?? undefined;
      if (range !== undefined) return range[0];
    }
    return undefined;
  }
}

interface MapLike {
  readonly items?: readonly { readonly key?: (Node & { readonly value?: unknown }) | null }[];
}

/** `sinks[1]`, `source.bpf.rtt`. */
export function pathText(path: ConfigPath): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${key}`))
    .join('');
}
