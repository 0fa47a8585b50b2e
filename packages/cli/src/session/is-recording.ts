import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { extname } from 'node:path';

const MODULE_EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);
const MAGIC = Buffer.from([0x89, 0x53, 0x46, 0x52, 0x45, 0x43]);

/** Whether what was typed is a recording rather than a pipeline module: its bytes decide, and where they cannot, its name. */
export function isRecording(path: string): boolean {
  if (path.startsWith('file:')) return false;
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
    const head = Buffer.alloc(MAGIC.length);
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
    if (head.equals(MAGIC)) return true;
  }
  return !MODULE_EXTENSIONS.has(extname(path).toLowerCase());
}
