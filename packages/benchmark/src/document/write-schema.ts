import { writeFileSync } from 'node:fs';

import { benchSchemaText } from './bench-schema-text.ts';

/* Writes the schema of documents; `pnpm generate` runs it. */
writeFileSync(new URL('../../bench.schema.json', import.meta.url), benchSchemaText());
