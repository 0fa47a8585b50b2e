import { type AsyncCleanableTest, TestCgroup } from '@sockflow/test-support';

/** Cgroups and the like of a benchmark's own, removed at its end or when the process exits, whichever comes first. */
export class Places {
  readonly #cleanUps: (() => void | Promise<void>)[] = [];

  /** What stands for the test where something is made for one. */
  get owner(): AsyncCleanableTest {
    return { after: (cleanUp) => void this.#cleanUps.push(cleanUp) };
  }

  /** A new one, without a process in it. */
  cgroup(): string {
    return TestCgroup.use(this.owner).path;
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
