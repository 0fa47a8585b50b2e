import type { AccessorSpec } from '../accessor-spec.ts';
import { ACCESSORS } from '../accessors.ts';
import { EVENT_FIELDS } from '../event-fields.ts';
import type { FieldSpec } from '../field-spec.ts';
import { CLOCK_ANCHOR_FIELDS, LOSS_MARKER_FIELDS, RTT_SUMMARY_FIELDS } from '../kind-fields.ts';
import type { KindFieldSpec } from '../kind-fields.ts';
import { OP_NAMES } from '../names.ts';
import { PRESENCE_RULE } from '../presence-rule.ts';
import { canBeAbsent, valueType } from './view-types.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function fieldRow(field: FieldSpec): string {
  const place =
    field.bits === undefined
      ? String(field.offset)
      : `${field.offset}, bits ${field.bits.shift}-${field.bits.shift + field.bits.width - 1}`;
  const narrowed = field.narrowed === undefined ? '' : `from ${field.narrowed}`;
  return `| \`${field.name}\` | ${place} | ${field.type} | ${narrowed} | ${field.presence} | ${field.bit} | ${field.from} | ${field.since} | ${cell(field.doc)} |`;
}

function overlay(title: string, fields: readonly KindFieldSpec[]): string {
  const rows = fields.map(
    (field) => `| \`${field.name}\` | ${field.offset} | ${field.type} | ${cell(field.doc)} |`,
  );
  return `### ${title}\n\n| field | offset | type | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function inObjects(accessor: AccessorSpec): string {
  if (accessor.object === undefined) return '';
  if (accessor.object === 'same') return 'yes';
  return accessor.object === 'unknownOps' ? 'unknown ops' : 'named';
}

function accessorRows(): string {
  const rows = ACCESSORS.map((accessor) => {
    const ops = accessor.ops?.map((op) => OP_NAMES[op]).join(', ') ?? '';
    const type = canBeAbsent(accessor) ? `${valueType(accessor)} or absent` : valueType(accessor);
    return `| \`${accessor.name}\` | ${type} | ${inObjects(accessor)} | ${ops} | ${cell(accessor.doc)} |`;
  });
  return `| accessor | type | in objects | ops | meaning |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}`;
}

/** The tables of docs/reference/fields.md. */
export function generateDocs(): string {
  const rule = Object.entries(PRESENCE_RULE).map(
    ([name, condition]) => `| ${name} | \`${cell(condition)}\` |`,
  );
  return `<!-- Generated from packages/core/src/schema by \`pnpm generate\`: change the tables there. -->

# Fields

The record of an event, as it lies in a slot, and what views and objects offer of it. [The record's layout](../specs/record-layout.md) says how to read it.

## In the slot

| field | offset | type | narrowed | present | bit | from | since | meaning |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${EVENT_FIELDS.map(fieldRow).join('\n')}

## When a field means something

| class | rule |
| --- | --- |
${rule.join('\n')}

## Slots that are not op events

${overlay('RTT summary', RTT_SUMMARY_FIELDS)}

${overlay('Loss marker', LOSS_MARKER_FIELDS)}

${overlay('Clock anchor', CLOCK_ANCHOR_FIELDS)}

## In views and objects

${accessorRows()}
`;
}
