import { setTimeout } from 'node:timers/promises';

/** Lets time pass without holding up the end of a process. */
export async function sleep(ms: number): Promise<void> {
  await setTimeout(ms, undefined, { ref: false });
}
