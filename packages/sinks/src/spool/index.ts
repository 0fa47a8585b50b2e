export { spool } from './spool.ts';
export type { OnSpoolFull, SpoolOptions } from './spool-options.ts';
