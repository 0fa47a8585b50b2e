import type { JsonSchema } from '@valibot/to-json-schema';

import { configJsonSchema } from './config-schema-text.ts';

const HEAD = `<!-- Generated from packages/cli/src/config/config-schema.ts and packages/cli/src/reference/config-page.ts by \`pnpm generate\`: change them there. -->

# Config files

\`sockflow run -c FILE\` runs what a file says: a pipeline module with its parameters, or a source, filters and sinks without a module. It is YAML, and so JSON too. Keys are called as the options of [the command](cli.md), and values are written as there. \`sockflow validate -c FILE\` checks it, with the module and the sinks, and opens nothing; it names every error, with its line.

An agent without a module:

\`\`\`yaml
# yaml-language-server: $schema=./node_modules/sockflow/config.schema.json
source:
  bpf:
    cgroup: /system.slice
    ring-size: 16MiB
filters:
  op: [RETRANS_CB, RTO_CB, STATE_CB]
  remote-port: 443,5432
sinks:
  - file:\${OUT:-/var/tmp/losses}.ndjson
lanes: 2
log-level: quiet
\`\`\`

A member of a consumer group, for what agents on other machines wrote to Kafka; run as many of it as there are partitions:

\`\`\`yaml
source:
  kafka:
    brokers: [kafka-1:9093, kafka-2:9093]
    topic: tcp
    group: losses
    dead-letter-topic: tcp-dead
    tls: true
    sasl: SCRAM-SHA-512
    user: sockflow
    password-file: /run/secrets/kafka
filters:
  op: [RETRANS_CB, RTO_CB]
sinks:
  - file:losses.ndjson
lanes: 2
\`\`\`

A module:

\`\`\`yaml
pipeline: ./slow.ts
params:
  recording: capture.sfrec
  minUs: \${MIN_US:-200}
duration: 1h
\`\`\`

- The command line goes before the file: \`sockflow run -c agent.yaml --lanes 4 --param minUs=500\`. Relative paths start at the working directory, as on the command line.
- \`\${NAME}\` in a value is the environment's variable, \`\${NAME:-default}\` has a default for one that is not there or empty, \`$$\` is a \`$\`. A missing variable is ERR_SOCKFLOW_CONFIG_VARIABLE with its place. What a variable holds stays one text, whatever is in it. Secrets are not printed: \`\${NAME}\` stands in their place in messages and summaries (values of 4 characters and more whose name has pass, secret, token, key, auth or credential in it, and URLs with a password).
- A key that is not known is refused, with the one that was probably meant. All that is wrong is told, not only the first; exit code 2.
- A pipeline module has its own source, filters and sinks: beside \`pipeline\` these keys are refused. Parameters from the file are what YAML makes of them (numbers, lists); those of \`--param\` are texts.
- \`packages/cli/config.schema.json\` (\`sockflow/config.schema.json\`) is the JSON Schema for editors, generated from what checks the file.`;

/** The page docs/reference/config.md, from the schema that checks config files. */
export function configPage(): string {
  return `${[HEAD, ...sections('Keys', configJsonSchema())].join('\n\n')}\n`;
}

/** A table of an object's keys, and those of the objects in it. */
function sections(title: string, schema: JsonSchema): string[] {
  const properties = Object.entries(schema.properties ?? {}).filter(([name]) => name !== '$schema');
  const required = new Set(schema.required);
  const rows = properties.map(([name, property]) => {
    const { description = '' } = property as JsonSchema;
    const text = description.replaceAll('|', String.raw`\|`);
    return `| \`${name}\` | ${text}${required.has(name) ? ' (required)' : ''} |`;
  });
  const nested = properties.flatMap(([name, property]) => {
    const inner = objectIn(property as JsonSchema);
    const path = title === 'Keys' ? name : `${title.replaceAll('`', '')}.${name}`;
    return inner === undefined ? [] : sections(`\`${path}\``, inner);
  });
  return [`## ${title}`, ['| key | meaning |', '| --- | --- |', ...rows].join('\n'), ...nested];
}

function objectIn(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties !== undefined) return schema;
  const alternatives = (schema.anyOf ?? []) as JsonSchema[];
  return alternatives.find(({ properties }) => properties !== undefined);
}
