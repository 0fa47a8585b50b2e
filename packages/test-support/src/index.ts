export { areNeedsRequired, requireTool, skipTest } from './needs.ts';
export { useTempDir } from './temp-dir.ts';
