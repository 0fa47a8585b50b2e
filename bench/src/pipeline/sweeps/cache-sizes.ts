import { readFileSync } from 'node:fs';

const FOLDER = '/sys/devices/system/cpu/cpu0/cache';

function read(index: number, name: string): string {
  return readFileSync(`${FOLDER}/index${index}/${name}`, 'utf8').trim();
}

/** The first core's data caches, as the kernel tells them: `L1d 32K, L2 1024K, L3 32768K`; nothing where it tells none. */
export function cacheSizes(): string {
  const caches: string[] = [];
  try {
    for (let index = 0; ; index++) {
      const type = read(index, 'type');
      if (type !== 'Instruction')
        caches.push(`L${read(index, 'level')}${type === 'Data' ? 'd' : ''} ${read(index, 'size')}`);
    }
  } catch {
    return caches.join(', ');
  }
}
