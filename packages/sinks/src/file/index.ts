export { file } from './file.ts';
export type { FileOptions, FsyncPolicy } from './file-settings.ts';
export type { Compression } from './compression.ts';
