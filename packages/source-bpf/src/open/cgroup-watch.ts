import { statSync } from 'node:fs';

const LOOK_INTERVAL_MS = 1000;

/**
 * Looks whether a cgroup is still the one that was attached to. When it is removed the kernel detaches the program and nothing tells; one made anew under the same name is another.
 *
 * @returns the function that ends the watch
 */
export function watchCgroup(path: string, onGone: () => void): () => void {
  const inode = inodeOf(path);
  const timer = setInterval(() => {
    if (inodeOf(path) === inode) return;
    clearInterval(timer);
    onGone();
  }, LOOK_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function inodeOf(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true }).ino;
  } catch {
    return undefined;
  }
}
