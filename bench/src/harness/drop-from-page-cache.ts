import { spawnSync } from 'node:child_process';

/**
 * Tells the kernel to forget a file's pages (posix_fadvise DONTNEED, by dd), after putting them on the disk.
 *
 * @returns whether they are gone: no more than a hundredth is left by fincore's account
 */
export function dropFromPageCache(path: string, bytes: number): boolean {
  const dropped = spawnSync(
    'dd',
    [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'],
    { stdio: 'ignore' },
  );
  if (dropped.status !== 0) return false;
  const left = spawnSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path], {
    encoding: 'utf8',
  });
  return left.status === 0 && Number(left.stdout) <= bytes / 100;
}
