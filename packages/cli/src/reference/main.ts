import { writeFileSync } from 'node:fs';

import { COMMANDS } from '../commands/index.ts';
import { configPage } from './config-page.ts';
import { configSchemaText } from './config-schema-text.ts';
import { referencePage } from './reference-page.ts';

/* Writes the reference pages of the command and of its config files, and the schema of these; `pnpm generate` runs it. */
writeFileSync(
  new URL('../../../../docs/reference/cli.md', import.meta.url),
  referencePage(COMMANDS),
);
writeFileSync(new URL('../../config.schema.json', import.meta.url), configSchemaText());
writeFileSync(new URL('../../../../docs/reference/config.md', import.meta.url), configPage());
