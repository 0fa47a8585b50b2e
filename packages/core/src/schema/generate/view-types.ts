import type { AccessorSpec } from '../accessor-spec.ts';
import { ACCESSORS } from '../accessors.ts';
import { EVENT_FIELDS } from '../event-fields.ts';
import type { PresenceClass } from '../field-spec.ts';
import { RTT_BUCKETS } from '../kind-fields.ts';
import { Kind } from '../kind.ts';
import { Op } from '../op.ts';
import { GENERATED_NOTICE } from './notice.ts';

/** Ops whose socket is always a full one: request sockets fire only 1, 2, 6, 14 and 15, and in 16-20 nothing of the tcp_sock can be read. */
const FULL_SOCKET_OPS: readonly number[] = [3, 4, 5, 7, 8, 9, 10, 11, 12, 13];
const TSTAMP_OPS: readonly number[] = [16, 17, 18, 19, 20];

/** Ops for which a field of a class is there in every event, so that its accessor's type has no `undefined`. */
const GUARANTEED: Partial<Record<PresenceClass, readonly number[]>> = {
  tcp: FULL_SOCKET_OPS,
  args: [8, 9, 10, 14, 15],
  skb: TSTAMP_OPS,
  tcpFlags: [19, 20],
};

const FIELDS = new Map(EVENT_FIELDS.map((field) => [field.name, field]));

/** TypeScript's type of an accessor's value where it is there. */
export function valueType(accessor: AccessorSpec): string {
  const { read } = accessor;
  switch (read.how) {
    case 'number':
    case 'safe':
    case 'port':
      return 'number';
    case 'bigint':
      return 'bigint';
    case 'boolean':
      return 'boolean';
    case 'address':
    case 'comm':
      return 'string';
    case 'words':
      return 'number[]';
    case 'special':
      return read.type;
  }
}

function guaranteedFor(accessor: AccessorSpec, op: number): boolean {
  if (accessor.name === 'rtoUs') return false; // needs the origin's HZ
  if (accessor.read.how === 'number' && accessor.read.none !== undefined) return false;
  const field = accessor.field === undefined ? undefined : FIELDS.get(accessor.field);
  return field !== undefined && (GUARANTEED[field.presence]?.includes(op) ?? false);
}

/** Whether an accessor can be absent somewhere. */
export function canBeAbsent(accessor: AccessorSpec): boolean {
  return (
    accessor.field !== undefined ||
    ['wallNs', 'localAddress', 'remoteAddress'].includes(accessor.name)
  );
}

/** `RTT_CB` to `RttCbView`. */
function interfaceName(constant: string): string {
  const words = constant.toLowerCase().split('_');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}View`;
}

function member(accessor: AccessorSpec, type: string): string {
  return `  /** ${accessor.doc} */\n  readonly ${accessor.name}: ${type};`;
}

function opInterface(name: string, op: number): string {
  const lines = [`  readonly kind: typeof Kind.OP;`, `  readonly op: typeof Op.${name};`];
  for (const accessor of ACCESSORS) {
    const isOwn = accessor.ops?.includes(op) ?? false;
    const isSure = guaranteedFor(accessor, op);
    const isCommon = accessor.ops === undefined && accessor.kind === undefined;
    if (isOwn)
      lines.push(
        member(accessor, isSure ? valueType(accessor) : `${valueType(accessor)} | undefined`),
      );
    else if (isCommon && isSure) lines.push(`  readonly ${accessor.name}: ${valueType(accessor)};`);
  }
  return `/** The view of ${name} events. */\nexport interface ${interfaceName(name)} extends EventView {\n${lines.join('\n')}\n}`;
}

const RTT_BUCKET_METHOD = `  /** Samples in one log2 bucket, 0 to ${RTT_BUCKETS - 1}; 0 outside. */
  rttBucket(index: number): number;`;

function kindInterface(name: string, kind: number): string {
  const own = ACCESSORS.filter((accessor) => accessor.kind === kind);
  const lines = [
    `  readonly kind: typeof Kind.${name};`,
    ...own.map((accessor) => member(accessor, valueType(accessor))),
  ];
  if (kind === Kind.RTT_SUMMARY) lines.push(RTT_BUCKET_METHOD);
  return `/** The view of slots of kind ${name}. */\nexport interface ${interfaceName(name)} extends EventView {\n${lines.join('\n')}\n}`;
}

/** Types of the values that have names; sets of flags are texts. */
const NAME_TYPES: Readonly<Record<string, string>> = {
  op: 'OpName',
  kind: 'KindName',
  state: 'TcpStateName',
  family: 'FamilyName',
  role: 'RoleName',
};

function objectType({ object = 'same', ...accessor }: AccessorSpec): string {
  if (object === 'same' || object === 'unknownOps') return valueType(accessor);
  const names = NAME_TYPES[object];
  return names === undefined ? 'string' : `NameOf<${names}>`;
}

function objectInterface(): string {
  const lines = ACCESSORS.filter((accessor) => accessor.object !== undefined).map((accessor) => {
    const isOptional =
      canBeAbsent(accessor) || accessor.ops !== undefined || accessor.kind !== undefined;
    return `  /** ${accessor.doc} */\n  ${accessor.name}${isOptional ? '?' : ''}: ${objectType(accessor)};`;
  });
  return `/** An event as a plain object, with names for numbers that have one; what does not apply is not there. */\nexport interface EventObject {\n${lines.join('\n')}\n}`;
}

/** The module of the views' types: common, per op, per kind, and the plain object. */
export function generateViewTypes(): string {
  const common = ACCESSORS.filter(
    (accessor) => accessor.ops === undefined && accessor.kind === undefined,
  );
  const commonLines = common.map((accessor) =>
    member(
      accessor,
      canBeAbsent(accessor) ? `${valueType(accessor)} | undefined` : valueType(accessor),
    ),
  );
  const ops = Object.entries(Op);
  const kinds = Object.entries(Kind).filter(
    ([, kind]) => kind === Kind.RTT_SUMMARY || kind === Kind.SNAPSHOT,
  );
  return [
    GENERATED_NOTICE,
    `import type { FamilyName } from '../family.ts';\nimport type { Kind, KindName } from '../kind.ts';\nimport type { NameOf } from '../names.ts';\nimport type { Op, OpName } from '../op.ts';\nimport type { Origin } from '../origin.ts';\nimport type { RoleName } from '../role.ts';\nimport type { TcpStateName } from '../tcp-state.ts';`,
    `/**
 * A cursor over one event: reads the fields in place. Valid for its step of the iteration only; \`toObject()\` outlives it.
 *
 * What the event does not have is \`undefined\`, never zero. Accessors of one op's arguments are on that op's view: \`filterOp\` gives it, with what every event
 * of that op has without \`undefined\` (a source that leaves fields out, by its origin's \`captured\` or in single events, does not keep that promise).
 */
export interface EventView {
${commonLines.join('\n')}
  /** The origin of the event. */
  readonly origin: Origin;
  /** Copies the captured TCP header into \`target\`; the number of bytes, 0 where there is none. */
  tcpHeaderInto(target: Uint8Array): number;
  /** The event as a plain object that outlives its batch; allocates. */
  toObject(): EventObject;
  /** As \`toObject()\`: a view inside a value is written and emitted as the event that it shows. \`JSON.stringify\` needs a replacer for its bigints. */
  toJSON(): EventObject;
}`,
    objectInterface(),
    ...ops.map(([name, op]) => opInterface(name, op)),
    ...kinds.map(([name, kind]) => kindInterface(name, kind)),
    `/** The view of each op. */\nexport interface OpViews {\n${ops.map(([name, op]) => `  ${op}: ${interfaceName(name)};`).join('\n')}\n}`,
    `/** The view of each kind that is selected. */\nexport interface KindViews {\n  ${Kind.OP}: OpViews[keyof OpViews];\n${kinds.map(([name, kind]) => `  ${kind}: ${interfaceName(name)};`).join('\n')}\n}`,
    '',
  ].join('\n\n');
}
