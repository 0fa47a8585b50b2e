import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { generateCHeader } from './c-header.ts';
import { generateClickHouse } from './clickhouse.ts';
import { generateContextEvent } from './context-event.ts';
import { generateDocs } from './docs-table.ts';
import { generateJson } from './json-schema.ts';
import { generatePresence } from './presence.ts';
import { generateViewClass } from './view-class.ts';
import { generateViewTypes } from './view-types.ts';

/* Writes every file that is made from the schema. `pnpm generate` formats them afterwards. */

const OUTPUTS: Readonly<Record<string, () => string>> = {
  'packages/core/include/sockflow_event.h': generateCHeader,
  'packages/core/sockflow-event.json': generateJson,
  'packages/core/src/schema/generated/context-event.ts': generateContextEvent,
  'packages/core/src/schema/generated/presence.ts': generatePresence,
  'packages/core/src/schema/generated/slot-view.ts': generateViewClass,
  'packages/core/src/schema/generated/view-types.ts': generateViewTypes,
  'docs/reference/clickhouse.sql': generateClickHouse,
  'docs/reference/fields.md': generateDocs,
};

const root = new URL('../../../../../', import.meta.url);
for (const [path, generate] of Object.entries(OUTPUTS)) {
  const file = fileURLToPath(new URL(path, root));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, generate());
}
