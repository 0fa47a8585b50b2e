import { TextTable } from '../bytes/text-table.ts';
import { accessorOf, type ChosenField, type FieldName } from './event-fields.ts';
import { eventCases, type EventValue } from './event-values.ts';
import type { OriginText } from './origin-text.ts';

/** Stores of texts may reach this far beyond their end. */
const OVERSHOOT_BYTES = 8;

/** Texts that generated code looks up: each becomes a parameter of it. */
export type Tables = TextTable[];

/** Statements that write something, and the most bytes they write. */
export interface WriteCode {
  readonly code: string;
  readonly maxBytes: number;
}

/**
 * How an encoding writes an event. Its statements store into `bytes` and `view` at `p`, move `p` on, and may call `helpers` by their names.
 */
export interface EventDialect {
  readonly helpers: Readonly<Record<string, unknown>>;
  /** What an event begins and ends with. */
  readonly open: WriteCode;
  readonly close: WriteCode;
  /** A field that an event does not have, as those of markers. */
  readonly absent: WriteCode;
  /** A field that it has. */
  value(name: string, value: EventValue, tables: Tables): WriteCode;
  /** The field `originId` of all events of an origin: what the value `originId` copies. */
  originId(name: string, id: string): Uint8Array;
}

/** Writes the event of the slot at word `w` of `m`; returns the position after it. */
export type WriteEvent = (
  m: Uint32Array,
  w: number,
  bytes: Uint8Array,
  view: DataView,
  position: number,
  origin: OriginText,
) => number;

/** Compiled code that writes events, and the most bytes it writes of one without the origin's id. */
export interface CompiledEvent {
  readonly writeEvent: WriteEvent;
  readonly maxBytes: number;
  /** The table of an origin's id. */
  originId(id: string): TextTable;
}

/** What all dialects do with an origin's id: its bytes are one text of a table. */
export const WRITE_ORIGIN_ID: WriteCode = {
  code: 'p = writeText(view, p, origin.id, 0);',
  maxBytes: 0,
};

function fieldCode({ field, name }: ChosenField, dialect: EventDialect, tables: Tables): WriteCode {
  const accessor = accessorOf(field);
  const { absent } = dialect;
  if (accessor === undefined) return absent;
  let code = '';
  let { maxBytes } = absent;
  for (const { test, value } of eventCases(accessor)) {
    const write = dialect.value(name, value, tables);
    maxBytes = Math.max(maxBytes, write.maxBytes);
    if (test === undefined) return { code: code + write.code, maxBytes };
    code += `if (${test}) { ${write.code} } else `;
  }
  return { code: `${code}{ ${absent.code} }`, maxBytes };
}

/**
 * The code that writes an event of these fields, generated from core's table of accessors. A generic loop over the table costs four times as much:
 * what is read, where, and how its name looks are constants here.
 */
export function compileEvent(
  fields: readonly ChosenField<FieldName>[],
  dialect: EventDialect,
): CompiledEvent {
  const tables: Tables = [];
  const { open, close, helpers } = dialect;
  const parts = fields.map((field) => fieldCode(field, dialect, tables));
  const body = `'use strict';
    const { ${Object.keys(helpers).join(', ')} } = helpers;
    ${tables.map((_, index) => `const table${index} = tables[${index}];`).join('\n')}
    return function writeEvent(m, w, bytes, view, p, origin) {
      const kind = m[w + 2] & 255;
      const op = (m[w + 2] >>> 8) & 255;
      const low = m[w + 14];
      const high = m[w + 15];
      let v = 0;
      ${[open, ...parts, close].map(({ code }) => code).join('\n      ')}
      return p;
    };`;
  // oxlint-disable-next-line no-implied-eval, no-new-func -- built from our own tables only; chosen names are in it as numbers
  const build = new Function('helpers', 'tables', body) as (
    helpers: EventDialect['helpers'],
    tables: Tables,
  ) => WriteEvent;
  const origin = fields.find(({ field }) => field === 'originId')?.name ?? 'originId';
  return {
    writeEvent: build(helpers, tables),
    maxBytes: [open, ...parts, close].reduce((sum, part) => sum + part.maxBytes, OVERSHOOT_BYTES),
    originId: (id) => new TextTable([dialect.originId(origin, id)]),
  };
}

/** Compiled code of this thread by fields: the engine takes a few hundred ms to optimise one, and encoders of the same fields share that. */
export class CompiledEvents {
  readonly #dialect: EventDialect;
  readonly #byFields: Map<string, CompiledEvent>;

  constructor(dialect: EventDialect) {
    this.#dialect = dialect;
    this.#byFields = new Map();
  }

  of(fields: readonly ChosenField<FieldName>[]): CompiledEvent {
    const key = JSON.stringify(fields.map(({ field, name }) => [field, name]));
    let compiled = this.#byFields.get(key);
    if (compiled === undefined) {
      compiled = compileEvent(fields, this.#dialect);
      this.#byFields.set(key, compiled);
    }
    return compiled;
  }
}
