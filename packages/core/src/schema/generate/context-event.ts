import { CONTEXT_KEYS, REQUIRED_CONTEXT_KEYS } from '../context-keys.ts';
import { EVENT_FIELDS } from '../event-fields.ts';
import type { FieldSpec } from '../field-spec.ts';
import { CLOCK_ANCHOR_FIELDS, LOSS_MARKER_FIELDS, RTT_SUMMARY_FIELDS } from '../kind-fields.ts';
import type { KindFieldSpec } from '../kind-fields.ts';
import { RTT_SUMMARY_CLASSES } from '../presence-rule.ts';
import { GENERATED_NOTICE } from './notice.ts';

const VALUE_TYPES: Readonly<Record<string, string>> = {
  u8: 'number',
  u16: 'number',
  u32: 'number',
  bits: 'number',
  u64: 'U64Value',
  u32x4: 'readonly number[]',
  u32x23: 'readonly number[]',
  char16: 'string',
};

function fieldNamed(name: string): FieldSpec {
  const field = EVENT_FIELDS.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  return field;
}

function member(field: FieldSpec): string {
  const isRequired = REQUIRED_CONTEXT_KEYS.includes(field.name);
  const type = VALUE_TYPES[field.type]!;
  const doc =
    field.name === 'remote_port'
      ? 'remote port, network byte order in the upper half of the u32'
      : field.doc;
  return `  /** ${doc} */\n  readonly ${field.name}${isRequired ? '' : '?'}: ${type}${isRequired ? '' : ' | undefined'};`;
}

function kindMember(field: KindFieldSpec): string {
  return `  /** ${field.doc} */\n  readonly ${field.name}: ${VALUE_TYPES[field.type]!};`;
}

function kindInterface(
  name: string,
  kind: string,
  doc: string,
  fields: readonly FieldSpec[],
  own: readonly KindFieldSpec[],
): string {
  const lines = [`  readonly kind: '${kind}';`, ...fields.map(member), ...own.map(kindMember)];
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join('\n')}\n}`;
}

/** The module of the types of raw context events: what `writeContextEvent` takes and context-json holds. */
export function generateContextEvent(): string {
  const fields = CONTEXT_KEYS.map(fieldNamed);
  const withoutOp = fields.filter((field) => field.name !== 'op');
  const summary = withoutOp.filter((field) => RTT_SUMMARY_CLASSES.includes(field.presence));
  const marker = withoutOp.filter((field) => ['ts_boot_ns', 'cpu'].includes(field.name));
  return [
    GENERATED_NOTICE,
    `/** A u64: a decimal string as JSON has it, a bigint, or a safe integer. */\nexport type U64Value = bigint | number | string;`,
    `/** A section after byte 256 that the schema does not name: its tag and its bytes in hexadecimal. */\nexport type ContextSection = readonly [tag: number, hex: string];`,
    `/** An op event with its fields as \`struct bpf_sock_ops\` gave them: no byte swap, no shift, no unit changed. */
export interface OpContext {
  readonly kind?: 'OP' | undefined;
${fields.map(member).join('\n')}
  /** sections that the schema does not name */
  readonly sections?: readonly ContextSection[] | undefined;
}`,
    kindInterface(
      'SnapshotContext',
      'SNAPSHOT',
      'A connection as it stood at `ts_boot_ns`: no op, otherwise as an op event.',
      withoutOp,
      [],
    ),
    kindInterface(
      'RttSummaryContext',
      'RTT_SUMMARY',
      'RTT samples of one socket, folded.',
      summary,
      RTT_SUMMARY_FIELDS,
    ),
    kindInterface(
      'LossMarkerContext',
      'LOSS_MARKER',
      'Events that were lost before this place.',
      marker,
      LOSS_MARKER_FIELDS,
    ),
    kindInterface(
      'ClockAnchorContext',
      'CLOCK_ANCHOR',
      'The clocks of the origin at `ts_boot_ns`.',
      marker,
      CLOCK_ANCHOR_FIELDS,
    ),
    `/** What a slot holds, as raw fields. */\nexport type ContextEvent =\n  | OpContext\n  | SnapshotContext\n  | RttSummaryContext\n  | LossMarkerContext\n  | ClockAnchorContext;`,
    '',
  ].join('\n\n');
}
