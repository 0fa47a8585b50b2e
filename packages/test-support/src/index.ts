export { areNeedsRequired, requireTool, skipTest, type SkippableTest } from './needs.ts';
export { requireNode24 } from './node-24.ts';
export { type CleanableTest, useTempDir } from './temp-dir.ts';
