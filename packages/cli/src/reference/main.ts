import { writeFileSync } from 'node:fs';

import { COMMANDS } from '../commands/index.ts';
import { referencePage } from './reference-page.ts';

/* Writes the command's reference page; `pnpm generate` runs it. */
writeFileSync(
  new URL('../../../../docs/reference/cli.md', import.meta.url),
  referencePage(COMMANDS),
);
