import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';

import { CONFIG_SCHEMA } from '../config/config-schema.ts';

/** The schema of config files as JSON Schema: for editors, and for the reference page. */
export function configJsonSchema(): JsonSchema {
  return {
    ...toJsonSchema(CONFIG_SCHEMA),
    title: 'Config file of sockflow run',
    $comment:
      'Generated from packages/cli/src/config/config-schema.ts by `pnpm generate`: change it there.',
  };
}

/** The file packages/cli/config.schema.json. */
export function configSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
}
