import { setTimeout as delay } from 'node:timers/promises';

/** Lets time pass. */
export async function sleep(ms: number): Promise<void> {
  await delay(ms);
}

/** Settles as the promise does, or resolves when the time is up; leaves no timer. */
export async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const given = new AbortController();
  const timeout = delay(ms, undefined, { signal: given.signal }).catch(() => {});
  try {
    await Promise.race([promise, timeout]);
  } finally {
    given.abort();
  }
}
