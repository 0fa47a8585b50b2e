import { TestCgroup } from '@sockflow/test-support';

/** Cgroups of a benchmark's own, removed at its end or when the process exits, whichever comes first. */
export class Places {
  readonly #cleanUps: (() => void | Promise<void>)[] = [];

  /** A new one, without a process in it. */
  cgroup(): string {
    return TestCgroup.use({ after: (cleanUp) => this.#cleanUps.push(cleanUp) }).path;
  }

  async remove(): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0)) await cleanUp();
  }
}

/** Calls `use` with cgroups to be had, and removes them. */
export async function withPlaces<T>(use: (places: Places) => Promise<T>): Promise<T> {
  const places = new Places();
  try {
    return await use(places);
  } finally {
    await places.remove();
  }
}
