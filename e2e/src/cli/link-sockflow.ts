import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { WORKSPACE } from '../workspace.ts';

/** Makes `sockflow` and the `rxjs` that it brings importable from modules of a folder outside of the workspace, as installing it there would. */
export function linkSockflow(dir: string): void {
  const modules = join(dir, 'node_modules');
  mkdirSync(modules, { recursive: true });
  symlinkSync(join(WORKSPACE, 'packages/cli'), join(modules, 'sockflow'), 'dir');
  symlinkSync(join(WORKSPACE, 'packages/cli/node_modules/rxjs'), join(modules, 'rxjs'), 'dir');
}
