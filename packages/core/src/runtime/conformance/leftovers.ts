import { createHook } from 'node:async_hooks';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is asked of {@link findLeftovers}. */
export interface LeftoverOptions {
  /** Bytes that may stay after each round; Infinity where what is written is kept on purpose. */
  readonly maxKeptBytes: number;
}

/** Rounds that are compared; what is there once, whatever the number of rounds, is no leak. */
const ROUNDS = 6;
/** Caches fill and code is compiled in these. */
const WARM_UP_ROUNDS = 3;
/** Descriptors and handles that are closed in the background may take so long. */
const SETTLE_MS = 2000;
const SETTLE_STEP_MS = 200;
/** What is no resource that somebody has to close. */
const PASSING = /^(?:PROMISE|TickObject|Immediate|Microtask|FSREQ|.*REQ|RANDOMBYTES|.*Request)/i;

let collect: (() => void) | undefined;

/** Bytes that this thread holds on its heap and in buffers, after what is garbage was collected. */
export function heldBytes(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Descriptors of the process, by what they lead to; none where the system does not tell. */
function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

/** Counts resources that are not closed yet, by type; those that do not keep the process alive too. */
class ResourceCount {
  readonly #types = new Map<number, string>();
  readonly #hook = createHook({
    init: (id, type) => {
      if (!PASSING.test(type)) this.#types.set(id, type);
    },
    destroy: (id) => {
      this.#types.delete(id);
    },
  });

  start(): void {
    this.#hook.enable();
  }

  stop(): void {
    this.#hook.disable();
  }

  /** Types of which at least `least` are there. */
  atLeast(least: number): string[] {
    const counts = new Map<string, number>();
    for (const type of this.#types.values()) counts.set(type, (counts.get(type) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= least).map(([type, n]) => `${n} ${type}`);
  }
}

/**
 * Does something several times and looks at what each time leaves behind: descriptors of the process, timers and other resources of Node, memory.
 *
 * @returns what stays, in words, with figures over all rounds; empty where nothing does.
 */
export async function findLeftovers(
  round: () => Promise<void>,
  { maxKeptBytes }: LeftoverOptions,
): Promise<string[]> {
  for (let count = 0; count < WARM_UP_ROUNDS; count++) await round();
  const resources = new ResourceCount();
  const descriptors = openDescriptors();
  const bytes = heldBytes();
  resources.start();
  try {
    for (let count = 0; count < ROUNDS; count++) await round();
    const found = (): string[] => {
      const more = openDescriptors() - descriptors;
      const left = resources.atLeast(ROUNDS).map((text) => `${text} that nobody closed`);
      return more >= ROUNDS ? [`${more} descriptors`, ...left] : left;
    };
    const untilMs = performance.now() + SETTLE_MS;
    while (found().length > 0 && performance.now() < untilMs) {
      await sleep(SETTLE_STEP_MS);
      heldBytes();
    }
    const kept = heldBytes() - bytes;
    const left = found();
    return kept > maxKeptBytes * ROUNDS ? [...left, `${kept} bytes of memory`] : left;
  } finally {
    resources.stop();
  }
}

/** The rounds that {@link findLeftovers} compares: its figures are of all of them. */
export const LEFTOVER_ROUNDS: number = ROUNDS;
