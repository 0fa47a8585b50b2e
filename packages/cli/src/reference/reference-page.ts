import type { Argument, Option } from 'commander';

import type { CommandModule } from '../command.ts';
import { EXIT_CODE_TEXTS } from '../exit-code.ts';

const NOTICE =
  '<!-- Generated from the definitions in packages/cli/src/commands by `pnpm generate`: change them there. -->';

const HEAD = `# The command

\`sockflow COMMAND [options]\`. In a built checkout \`npx sockflow\` at the root is the command.

What a person should read goes to stderr: progress (on a terminal only), the summary with the ledger, warnings, errors. Stdout has what was asked for: events, a
recording's inspection, values that a pipeline emits, or with \`--json\` one JSON document and nothing else. Colours follow \`NO_COLOR\` and \`FORCE_COLOR\`, and each stream's own terminal.

Every command takes \`--quiet\` (on stderr only warnings and errors), \`--verbose\` (more, of errors above all) and \`--color auto|always|never\`, which goes before the environment. Commands that show wall times take \`--time local|utc\`, which goes before \`SOCKFLOW_TIME\`: [where times are read](../concepts/time.md#shown). What \`run\` is to do may stand in [a config file](config.md).`;

const NOTES = `## How values are written

| value | written |
| --- | --- |
| names of ops, flags, states | in any case, separated by \`,\` or \`|\`, with or without the kernel's prefix: \`RTT_CB\`, \`rtt\`, \`BPF_SOCK_OPS_RTT_CB\`; states as \`ss\` spells them too: \`fin-wait-1\`. An op without a name by its number |
| ports | \`443\`, \`8000-8010\`, separated by \`,\` |
| networks | \`10.203.0.0/16\`, \`fd00::/8\`, \`10.0.0.1\`, separated by \`,\`; IPv4 ones match v4-mapped IPv6 addresses |
| a connection | \`COOKIE\`, \`NETNS:COOKIE\` or \`ORIGIN/NETNS:COOKIE\`, as the events have them |
| times | \`10s\` after the first event; \`4824048839939\`, ns since boot; \`2026-11-22T10:00:00Z\` or with an offset, \`2026-11-22T11:00:00+01:00\`, where the recording knows the wall clock; of a live source \`10s\` is from now |
| sizes, counts, durations | \`64MiB\`, \`1.5GB\`; \`100k\`, \`2M\`; \`250ms\`, \`5min\`, \`1h30m\` |
| sinks | \`file:PATH\`, with the encoding by the extension (\`.sfrec\`, \`.ndjson\`) or as \`file:PATH?encoding=context-json\`; \`console:\`; \`module:PATH?key=value\`, a module of your own |

## Errors and signals

An error is told once: its code, what was expected and found, the place and what to do. The codes are in [the table of errors](../errors.md); \`--verbose\` adds the causes and where they come from, and to the summary of a live run each lane, kinds of events, and notes of the source.
What was accepted before an error stays readable: recordings and files are closed as they are.

The first SIGINT or SIGTERM stops reading, delivers what was read, flushes the sinks and prints the summary; the second one ends the process where it stands. \`record\`, \`replay\` and \`run\` take 30 s for it at most, or \`--drain-timeout\`: what a sink has not accepted by then is given up and counted as failed, and the command ends a few seconds later with ERR_SOCKFLOW_DRAIN_TIMEOUT and exit code 1, whatever hangs. A live source is detached first, and what it had submitted is delivered. \`--duration\` ends a run in the same way, with 0. A reader that goes away (\`| head\`) ends the command quietly, with 0.

A damaged recording gives every whole block; what was lost is named (of a cut one at least how much: what came after is not known), and the exit code is 3, or 0 with \`--tolerate-damage\`.`;

/** The page docs/reference/cli.md, from the definitions that the parser and the help use. */
export function referencePage(commands: readonly CommandModule[]): string {
  const sections = [
    NOTICE,
    HEAD,
    commandTable(commands),
    `## Exit codes\n\n${table(
      ['code', 'meaning'],
      EXIT_CODE_TEXTS.map(([exitCode, text]) => [String(exitCode), text]),
    )}`,
    NOTES,
    ...commands.map(commandSection),
  ];
  return `${sections.join('\n\n')}\n`;
}

function commandTable(commands: readonly CommandModule[]): string {
  const rows = commands.map(({ name, summary }) => [`[\`${name}\`](#sockflow-${name})`, summary]);
  return table(['command', 'what it does'], rows);
}

function commandSection(command: CommandModule): string {
  const args = command.arguments.map((argument) => ` ${argumentText(argument)}`).join('');
  const argumentRows = command.arguments.map((argument) => [
    code(argument.name()),
    argument.description,
  ]);
  const parts = [
    `## sockflow ${command.name}`,
    command.description,
    `\`sockflow ${command.name} [options]${args}\``,
    ...(argumentRows.length === 0 ? [] : [table(['argument', 'what it is'], argumentRows)]),
    ...optionTables(command.options),
    `\`\`\`sh\n${command.examples.map(({ line, says }) => `# ${says}\n${line}`).join('\n')}\n\`\`\``,
  ];
  return parts.join('\n\n');
}

function argumentText(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function optionTables(options: readonly Option[]): string[] {
  const groups = new Map<string, Option[]>();
  for (const option of options) {
    const group = option.helpGroupHeading ?? 'Options:';
    groups.set(group, [...(groups.get(group) ?? []), option]);
  }
  return [...groups].map(([group, members]) => {
    const rows = members.map((option) => [code(option.flags), optionText(option)]);
    return table([group.replace(/:$/, '').toLowerCase(), 'what it does'], rows);
  });
}

function optionText(option: Option): string {
  const { description, defaultValue, argChoices, envVar } = option;
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  const fallback = defaultValue === undefined ? '' : `; default ${String(defaultValue)}`;
  const variable = envVar === undefined ? '' : `; the variable ${code(envVar)} says it for all`;
  return `${description}${choices}${fallback}${variable}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}

function code(text: string): string {
  return `\`${text}\``;
}
