import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const ROOT_DIR = fileURLToPath(new URL('../../../', import.meta.url));
/** Inputs and compiled baselines; ignored by git, safe to delete. */
export const CACHE_DIR = join(ROOT_DIR, '.cache/bench');
