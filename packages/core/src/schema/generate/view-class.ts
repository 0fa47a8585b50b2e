import { absenceTest, numberCode, presenceTest } from '../accessor-code.ts';
import type { AccessorSpec } from '../accessor-spec.ts';
import { ACCESSORS } from '../accessors.ts';
import { RTT_BUCKETS, RTT_SUMMARY_FIELDS } from '../kind-fields.ts';
import { Kind } from '../kind.ts';
import { LAST_KNOWN_OP } from '../op.ts';
import { GENERATED_NOTICE } from './notice.ts';
import { canBeAbsent, valueType } from './view-types.ts';

const RTT_BUCKETS_WORD =
  RTT_SUMMARY_FIELDS.find((field) => field.name === 'rtt_buckets')!.offset / 4;

function word(offset: number): string {
  return offset === 0 ? 'm[w]!' : `m[w + ${offset / 4}]!`;
}

const SPECIAL: Readonly<Record<string, string>> = {
  originId: 'return this.origin.id;',
  tsUs: 'return m[w + 5]! * 4294967.296 + m[w + 4]! / 1000;',
  wallNs:
    'const clock = this.origin.clock;\n    return clock === undefined ? undefined : this.big[(w >>> 1) + 2]! - clock.bootNs + clock.realtimeNs;',
  rtoUs:
    'const hz = this.origin.hz;\n    return hz === undefined ? undefined : (m[w + 25]! * 1_000_000) / hz;',
  tcpHeaderLength: 'return headerLength(m, w);',
  tcpHeaderHex: 'return headerHex(m, w);',
};

function valueStatements(accessor: AccessorSpec): string {
  const { read } = accessor;
  switch (read.how) {
    case 'number': {
      const expression = numberCode(read, word);
      if (read.none === undefined) return `return ${expression};`;
      return `const value = ${expression};\n    return value === 0x${read.none.toString(16)} ? undefined : value;`;
    }
    case 'safe':
      return `const high = ${word(read.offset + 4)};\n    return high === 0 ? ${word(read.offset)} : high * 4294967296 + ${word(read.offset)};`;
    case 'bigint':
      return `return this.big[(w >>> 1) + ${read.offset / 8}]!;`;
    case 'port':
      return `const raw = ${word(read.offset - (read.offset % 4))} & 0xffff;\n    return ((raw & 0xff) << 8) | (raw >>> 8);`;
    case 'boolean':
      return `return ((${word(read.offset)} >>> ${read.shift}) & 1) === 1;`;
    case 'address': {
      const ip4 = word(read.end === 'remote' ? 48 : 52);
      const ip6 = read.end === 'remote' ? 64 : 80;
      const words = [0, 4, 8, 12].map((offset) => word(ip6 + offset)).join(', ');
      const [bit4, bit6] = [
        presenceTest(`${read.end}_ip4`, word),
        presenceTest(`${read.end}_ip6`, word),
      ];
      return `if (!(${bit4})) return formatIp4(${ip4});\n    return ${bit6} ? undefined : formatIp6(${words});`;
    }
    case 'comm':
      return `return commText(m, w + ${read.offset / 4});`;
    case 'words':
      return `const start = w + ${read.offset / 4};\n    return Array.from(m.subarray(start, start + ${read.count}));`;
    case 'special': {
      const body = SPECIAL[accessor.name];
      if (body === undefined) throw new Error(`no special accessor ${accessor.name}`);
      return body;
    }
  }
}

function getter(accessor: AccessorSpec): string {
  const absent = absenceTest(accessor, word);
  const isOptional = absent !== undefined || canBeAbsent(accessor);
  const type = isOptional ? `${valueType(accessor)} | undefined` : valueType(accessor);
  const body = valueStatements(accessor);
  const lines: string[] = [];
  const all = `${absent ?? ''}${body}`;
  if (all.includes('m[') || all.includes('(m,')) lines.push('const m = this.u32;');
  if (/\bw\b/.test(all)) lines.push('const w = this.w;');
  if (absent !== undefined) lines.push(`if (${absent}) return undefined;`);
  lines.push(body);
  return `  get ${accessor.name}(): ${type} {\n    ${lines.join('\n    ')}\n  }`;
}

const TABLES: Readonly<Record<string, string>> = {
  op: 'OP_NAMES',
  kind: 'KIND_NAMES',
  state: 'TCP_STATE_NAMES',
  family: 'FAMILY_NAMES',
  role: 'ROLE_NAMES',
  cbFlags: 'CB_FLAG_TEXTS',
  ecnFlags: 'ECN_FLAG_TEXTS',
};

function objectValue(accessor: AccessorSpec, value: string): string {
  if (accessor.object === 'same' || accessor.object === 'unknownOps') return value;
  if (accessor.object === 'tcpFlags') return `tcpFlagText(${value})`;
  const table = TABLES[accessor.object ?? ''];
  if (table === undefined) throw new Error(`no table for ${accessor.name}`);
  // Tables name every byte; a whole word can hold more.
  const isByte = accessor.read.how !== 'number' || accessor.read.mask !== undefined;
  return isByte ? `${table}[${value}]!` : `${table}[${value}] ?? \`UNKNOWN(\${${value}})\``;
}

function optionalEntry(accessor: AccessorSpec, indent: string): string {
  const { name } = accessor;
  return `${indent}const ${name} = this.${name};\n${indent}if (${name} !== undefined) object.${name} = ${objectValue(accessor, name)};`;
}

function toObjectMethod(): string {
  const inObject = ACCESSORS.filter((accessor) => accessor.object !== undefined);
  const isSure = (accessor: AccessorSpec): boolean =>
    absenceTest(accessor, word) === undefined && !canBeAbsent(accessor);
  const sure = inObject
    .filter(isSure)
    .map(
      (accessor) => `      ${accessor.name}: ${objectValue(accessor, `this.${accessor.name}`)},`,
    );
  const rest = inObject
    .filter((accessor) => !isSure(accessor) && accessor.object !== 'unknownOps')
    .map((accessor) => optionalEntry(accessor, '    '));
  const raw = inObject
    .filter((accessor) => accessor.object === 'unknownOps')
    .map((accessor) => optionalEntry(accessor, '      '));
  rest.push(`    if (this.op > ${LAST_KNOWN_OP}) {\n${raw.join('\n')}\n    }`);
  return `  toObject(): EventObject {\n    const object: EventObject = {\n${sure.join('\n')}\n    };\n${rest.join('\n')}\n    return object;\n  }`;
}

/** The module of the one view class: every accessor, whatever the op; the interfaces narrow it. */
export function generateViewClass(): string {
  return [
    GENERATED_NOTICE,
    `import { formatIp4, formatIp6 } from '../address.ts';
import { CB_FLAG_TEXTS, ECN_FLAG_TEXTS, FAMILY_NAMES, KIND_NAMES, OP_NAMES, ROLE_NAMES, TCP_STATE_NAMES, tcpFlagText } from '../names.ts';
import type { Origin } from '../origin.ts';
import { commText, headerHex, headerInto, headerLength } from '../slot-text.ts';
import type { EventObject } from './view-types.ts';`,
    `/**
 * Reads the fields of the slot at word index \`w\` of \`u32\`, in place. \`big\` is the same memory as 64-bit words.
 * Users see it through {@link EventView} and the views of each op; whoever moves it sets \`w\`.
 */
export class SlotView {
  u32: Uint32Array;
  big: BigUint64Array;
  w: number;
  origin: Origin;

  constructor(u32: Uint32Array, big: BigUint64Array, w: number, origin: Origin) {
    this.u32 = u32;
    this.big = big;
    this.w = w;
    this.origin = origin;
  }

${ACCESSORS.map(getter).join('\n\n')}

  tcpHeaderInto(target: Uint8Array): number {
    return this.tcpHeaderLength === undefined ? 0 : headerInto(this.u32, this.w, target);
  }

  rttBucket(index: number): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 2]! & 0xff) !== ${Kind.RTT_SUMMARY}) return undefined;
    return index >= 0 && index < ${RTT_BUCKETS} ? m[w + ${RTT_BUCKETS_WORD} + index]! : 0;
  }

${toObjectMethod()}

  toJSON(): EventObject {
    return this.toObject();
  }
}`,
    '',
  ].join('\n\n');
}
