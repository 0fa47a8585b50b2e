import { readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

import { finishedName } from '../../format/part-path.ts';
import type { Followed } from './followed.ts';
import { GrowingPart } from './growing-part.ts';
import { readSystem } from './read-system.ts';

/** How often the folder of a series is looked at. */
const LIST_MS = 100;
const NEVER = (): boolean => false;

/** The parts that are followed, those of a series as they appear. */
export class PartList {
  readonly #followed: Followed;
  readonly #byPath = new Map<string, GrowingPart>();
  /** Those whose end was not read, in the order of their names: of one stream, the part that is complete comes before the next one. */
  #open: GrowingPart[] = [];
  /** The path that gives each part, by recording and part number. */
  readonly #givers = new Map<string, string>();
  readonly #warn: (text: string) => void;
  #listedMs = -Infinity;

  constructor(followed: Followed, isInputEnded: () => boolean, warn: (text: string) => void) {
    this.#followed = followed;
    this.#warn = warn;
    if (followed.type === 'parts') {
      for (const path of followed.paths) this.#add({ path, fd: undefined, isEnded: NEVER });
    } else if (followed.type === 'spool') {
      this.#add({ path: followed.name, fd: followed.fd, isEnded: isInputEnded });
    }
  }

  /** Whether all blocks come from one part: then they come in the order of time. */
  get isOneStream(): boolean {
    return this.#followed.type !== 'series' && this.#byPath.size === 1;
  }

  get isEnded(): boolean {
    return this.#followed.type !== 'series' && this.#open.every(({ isDone }) => isDone);
  }

  /** The parts that may have more. */
  open(): readonly GrowingPart[] {
    if (this.#open.some(({ isDone }) => isDone)) {
      for (const part of this.#open) if (part.isDone) part.close();
      this.#open = this.#open.filter(({ isDone }) => !isDone);
    }
    if (this.#followed.type === 'series') this.#list(this.#followed.pattern);
    return this.#open;
  }

  /**
   * Whether another file gives the same part of the same recording, as beside a repaired copy: then this one is left out from here on, and a warning names both.
   *
   * @throws ERR_SOCKFLOW_RECORDING_DAMAGED, ERR_SOCKFLOW_RECORDING_READ
   */
  isTwice(part: GrowingPart): boolean {
    const key = part.identify();
    if (key === undefined) return false;
    const giver = this.#givers.get(key) ?? part.path;
    this.#givers.set(key, giver);
    if (giver === part.path) return false;
    part.close();
    this.#open = this.#open.filter((other) => other !== part);
    this.#warn(
      `'${part.path}' and '${giver}' are the same part of the same recording: only '${giver}' is read`,
    );
    return true;
  }

  close(): void {
    for (const part of this.#open) part.close();
  }

  #list(pattern: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#listedMs < LIST_MS) return;
    this.#listedMs = nowMs;
    const folder = dirname(pattern);
    const names = new Set(readSystem(folder, () => readdirSync(folder)).map(finishedName));
    const fits = patternOf(basename(pattern));
    for (const name of [...names].toSorted(byStem)) {
      const path = join(folder, name);
      if (!fits.test(name) || this.#byPath.has(path)) continue;
      this.#add({ path, fd: undefined, isEnded: NEVER });
    }
  }

  #add(input: ConstructorParameters<typeof GrowingPart>[0]): void {
    const part = new GrowingPart(input);
    this.#byPath.set(input.path, part);
    this.#open.push(part);
  }
}

/** A recording comes before copies that are named after it (`out.1.sfrec`, `out.1.repaired.sfrec`), in every lane: where both are there, lanes read the same one. */
function byStem(one: string, other: string): number {
  const a = basename(one, extname(one));
  const b = basename(other, extname(other));
  return a < b ? -1 : a > b ? 1 : 0;
}

function patternOf(name: string): RegExp {
  const pieces = name
    .split('*')
    .map((piece) => piece.replaceAll(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join('.*')}$`, 's');
}
