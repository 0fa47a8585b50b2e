import type { ConnectionEnd, Network } from '../../contracts/filter.ts';
import { PRESENCE_BIT } from '../../schema/generated/presence.ts';
import { matchAddress, networkTable } from './network-table.ts';
import {
  type FlagField,
  type FoldedFlags,
  isImpossible,
  type PlanSegment,
  type SingleFilter,
} from './plan-segment.ts';
import { matchPort, portTable } from './port-table.ts';

/*
 * Turns filters into JavaScript conditions over the slot at word index `s` of `m`. Constants are written into the code, which makes the loop a third faster than reading
 * them from a closure; long lists become tables. `| 0` after an addition spares the engine an overflow check. Word indices are those of the byte budget in schema/event-fields.ts, line 1.
 *
 *   a = m[s + 2]   kind 0-7, op 8-15, cb flags 16-23, state 24-31
 *   b = m[s + 3]   TCP flags 0-15, ECN flags 16-23
 *   p = m[s + 14]  presence, low half
 */

/** Code of a plan: what is computed once per span, and per event a list of conditions, all of which must hold. */
export interface FilterCode {
  readonly prologue: string[];
  readonly conditions: string[];
  /** Values that the code refers to as `x0`, `x1`, ...: tables, functions of the user. */
  readonly externals: unknown[];
  /** Whether a function of the user is called. */
  hasCalls: boolean;
}

/** Lists up to this long become comparisons in a row, longer ones a table. */
const INLINE_LIST = 4;
const COMMON_PRESENCE: Readonly<Record<FlagField, number>> = {
  cb: 1 << PRESENCE_BIT.bpf_sock_ops_cb_flags,
  tcp: 1 << PRESENCE_BIT.skb_tcp_flags,
  ecn: 1 << PRESENCE_BIT.ecn_flags,
};
const NETNS_PRESENCE = 1 << PRESENCE_BIT.netns_cookie;

/** Bits of one word that must have a value, gathered so that one comparison tests them all. */
class WordTest {
  mask = 0;
  value = 0;

  require(mask: number, value: number): void {
    this.mask |= mask;
    this.value |= value;
  }

  code(word: string): string[] {
    return this.mask === 0 ? [] : [`(${word} & ${this.mask}) === ${this.value & this.mask}`];
  }
}

/** A constant in the code: a plan made by hand must not bring code of its own. */
function literal(value: number): string {
  if (!Number.isSafeInteger(value))
    throw new TypeError(`a filter's constant is no integer: ${value}`);
  return String(value);
}

function external(code: FilterCode, value: unknown): string {
  code.externals.push(value);
  return `x${code.externals.length - 1}`;
}

/** A test that the byte of `a` at `shift` is in `allowed`; what can be part of the one comparison goes into `word`. */
function byteInSet(
  allowed: ReadonlySet<number>,
  shift: number,
  word: WordTest,
  code: FilterCode,
): string[] {
  const values = [...allowed];
  if (values.length === 1) {
    word.require(0xff << shift, values[0]! << shift);
    return [];
  }
  if (values.every((value) => value < 32)) {
    word.require(0xe0 << shift, 0);
    const bits = values.reduce((set, value) => set | (1 << value), 0);
    // A shift count is taken modulo 32: the byte's low five bits.
    return [`((${bits} >>> (a >>> ${shift})) & 1) !== 0`];
  }
  const table = new Uint8Array(256);
  for (const value of values) table[value] = 1;
  return [`${external(code, table)}[(a >>> ${shift}) & 255] !== 0`];
}

function flagCode(
  field: FlagField,
  flags: FoldedFlags,
  a: WordTest,
  b: WordTest,
  p: WordTest,
): string[] {
  const shift = field === 'tcp' ? 0 : 16;
  const [word, name] = field === 'cb' ? [a, 'a'] : [b, 'b'];
  p.require(COMMON_PRESENCE[field], COMMON_PRESENCE[field]);
  word.require(flags.all << shift, flags.all << shift);
  word.require(flags.none << shift, 0);
  const conditions: string[] = [];
  for (const any of flags.any) {
    if ((any & flags.all) !== 0) continue;
    const isOneBit = (any & (any - 1)) === 0;
    if (isOneBit) word.require(any << shift, any << shift);
    else conditions.push(`(${name} & ${any << shift}) !== 0`);
  }
  return conditions;
}

/** The folded part of a segment: kinds, ops, states and flags. */
function foldedCode(segment: PlanSegment, code: FilterCode): void {
  const [a, b, p] = [new WordTest(), new WordTest(), new WordTest()];
  const rest: string[] = [];
  if (segment.kinds !== undefined) rest.push(...byteInSet(segment.kinds, 0, a, code));
  if (segment.ops !== undefined) rest.push(...byteInSet(segment.ops, 8, a, code));
  if (segment.states !== undefined) rest.push(...byteInSet(segment.states, 24, a, code));
  for (const [field, flags] of segment.flags) rest.push(...flagCode(field, flags, a, b, p));
  code.conditions.push(...a.code('a'), ...rest, ...p.code('m[(s + 14) | 0]'), ...b.code('b'));
}

function swapBytes(port: number): number {
  return ((port & 0xff) << 8) | (port >>> 8);
}

function endsOf(end: ConnectionEnd): readonly ('local' | 'remote')[] {
  return end === 'either' ? ['local', 'remote'] : [end];
}

function portCode(end: ConnectionEnd, ports: readonly number[], code: FilterCode): string {
  if (ports.length > INLINE_LIST) {
    return `${external(code, matchPort)}(${external(code, portTable(end, ports))}, m[(s + 10) | 0])`;
  }
  const tests = endsOf(end).flatMap((side) =>
    ports.map((port) =>
      side === 'local'
        ? `(m[(s + 10) | 0] >>> 16) === ${literal(port)}`
        : `(m[(s + 10) | 0] & 0xffff) === ${literal(swapBytes(port))}`,
    ),
  );
  return tests.length === 0 ? 'false' : `(${tests.join(' || ')})`;
}

function addressCode(end: ConnectionEnd, networks: readonly Network[], code: FilterCode): string {
  const table = external(code, networkTable(networks));
  const match = external(code, matchAddress);
  const tests = endsOf(end).map((side) => `${match}(${table}, m, s, ${side === 'remote' ? 0 : 1})`);
  return `(${tests.join(' || ')})`;
}

/** Compares a u64 that lies as two words with a constant. */
function atLeast(low: string, high: string, value: bigint): string {
  const lowValue = Number(BigInt.asUintN(32, value));
  const highValue = Number(BigInt.asUintN(32, value >> 32n));
  return `(${high} > ${highValue} || (${high} === ${highValue} && ${low} >= ${lowValue}))`;
}

function equals(low: string, high: string, value: bigint): string {
  const lowValue = Number(BigInt.asUintN(32, value));
  const highValue = Number(BigInt.asUintN(32, value >> 32n));
  return `${low} === ${lowValue} && ${high} === ${highValue}`;
}

function connectionCode(
  filter: Extract<SingleFilter, { type: 'connection' }>,
  code: FilterCode,
): string {
  const tests = [equals('m[(s + 6) | 0]', 'm[(s + 7) | 0]', filter.cookie)];
  if (filter.netnsCookie !== undefined) {
    tests.push(equals('m[(s + 8) | 0]', 'm[(s + 9) | 0]', filter.netnsCookie));
    tests.push(`(m[(s + 14) | 0] & ${NETNS_PRESENCE}) !== 0`);
  }
  if (filter.originId !== undefined) {
    const name = `isOrigin${code.prologue.length}`;
    code.prologue.push(`const ${name} = originId === ${JSON.stringify(filter.originId)};`);
    tests.unshift(name);
  }
  return `(${tests.join(' && ')})`;
}

function singleCode(filter: SingleFilter, code: FilterCode, isChecked: boolean): string {
  switch (filter.type) {
    case 'port':
      return portCode(filter.end, filter.ports, code);
    case 'address':
      return addressCode(filter.end, filter.networks, code);
    case 'connection':
      return connectionCode(filter, code);
    case 'sample':
      return `(m[(s + 11) | 0] >>> 8) < ${literal(filter.threshold)}`;
    case 'time': {
      const tests = ['true'];
      if (filter.startNs !== undefined) {
        tests.push(atLeast('m[(s + 4) | 0]', 'm[(s + 5) | 0]', filter.startNs));
      }
      if (filter.endNs !== undefined) {
        tests.push(`!${atLeast('m[(s + 4) | 0]', 'm[(s + 5) | 0]', filter.endNs)}`);
      }
      return tests.join(' && ');
    }
    case 'where': {
      const test = external(code, filter.test);
      code.hasCalls = true;
      return isChecked ? `${test}(view.step(s))` : `${test}((view.w = s, view))`;
    }
  }
}

/** The conditions of a plan's segments; `view` in the code is a StepViews where `isChecked`, else the cursor. */
export function filterCode(segments: readonly PlanSegment[], isChecked: boolean): FilterCode {
  const code: FilterCode = { prologue: [], conditions: [], externals: [], hasCalls: false };
  for (const segment of segments) {
    if (isImpossible(segment)) {
      code.conditions.push('false');
      return code;
    }
    foldedCode(segment, code);
    for (const filter of segment.rest) {
      code.conditions.push(singleCode(filter, code, isChecked));
    }
  }
  return code;
}
