import {
  Kind,
  KIND_NAMES,
  Op,
  OP_NAMES,
  Role,
  type SlotView,
  TCP_STATE_NAMES,
  TcpState,
} from '@sockflow/core';

import { type Color, colored } from './colors.ts';
import { type Cell, Columns } from './columns.ts';
import { eventFacts } from './event-facts.ts';
import { EndTexts, OwnerTexts, type TimeStyle, TimeTexts } from './event-texts.ts';
import { textWidth } from './text-width.ts';
import { durationText } from './units.ts';
import type { WallZone } from './wall-zone.ts';

const OP_COLORS: ReadonlyMap<number, Color> = new Map<number, Color>([
  [Op.RTO_CB, 'red'],
  [Op.RETRANS_CB, 'red'],
  [Op.STATE_CB, 'yellow'],
  [Op.ACTIVE_ESTABLISHED_CB, 'green'],
  [Op.PASSIVE_ESTABLISHED_CB, 'green'],
  [Op.TCP_CONNECT_CB, 'blue'],
  [Op.TCP_LISTEN_CB, 'blue'],
  [Op.RTT_CB, 'cyan'],
]);
/** Wide enough for most rows, so that columns seldom move: a time, an op, IPv4 ends, a state. */
const CLOCK_WIDTH = 15;
const DATE_WIDTH = 27;
/** +01:00 behind a time of day, and in place of the Z of a date. */
const OFFSET_WIDTHS = { clock: 6, date: 5 } as const;
const MIN_WIDTHS = [22, 18, 1, 18, 12] as const;
const MAX_WIDTH = 47;
const GAP = '  ';

/** How rows look. */
export interface EventRowStyle {
  readonly hasColors: boolean;
  readonly time: TimeStyle;
  readonly zone: WallZone;
  /** What a cell has that has nothing to tell: with a text the number of words before the facts is always the same. */
  readonly empty: string;
  /** Rows that are wider are continued on a second line, before the state. */
  readonly maxColumns: number;
}

/** Events as rows of one table: time, op, local → remote, state, the op's own facts and who owns the socket. */
export class EventRows {
  readonly #style: EventRowStyle;
  readonly #columns: Columns;
  readonly #times: TimeTexts;
  readonly #ends = new EndTexts();
  readonly #owners = new OwnerTexts();
  readonly #indent: string;

  constructor(style: EventRowStyle) {
    const timeWidth =
      (style.time === 'date' ? DATE_WIDTH : CLOCK_WIDTH) +
      (style.zone === 'local' ? OFFSET_WIDTHS[style.time] : 0);
    this.#style = style;
    this.#columns = new Columns([timeWidth, ...MIN_WIDTHS], MAX_WIDTH);
    this.#times = new TimeTexts(style.time, style.zone);
    this.#indent = ' '.repeat(timeWidth + GAP.length);
  }

  /** What the columns are called. */
  header(hasWallClock: boolean): string {
    const { hasColors, zone } = this.#style;
    const paint = (text: string): string => (hasColors ? colored(text, 'bold') : text);
    const named = (text: string, isRight = false): Cell => ({ text, isRight, paint });
    const head = [
      named(hasWallClock ? `TIME (${zone.toUpperCase()})` : 'SINCE BOOT', true),
      named('EVENT'),
      named('LOCAL', true),
      named(''),
      named('REMOTE'),
    ];
    const rest = [named('STATE'), named('FACTS')];
    const line = this.#columns.row([...head, ...rest]);
    if (textWidth(line) <= this.#style.maxColumns) return line;
    return this.#continued(this.#columns.row(head), rest.map(({ text }) => paint(text)).join(GAP));
  }

  /** One event, on one line or two, without the last line feed. */
  row(event: SlotView): string {
    const { hasColors, empty, maxColumns } = this.#style;
    // A listening socket has no other end.
    const isListener = event.state === TcpState.LISTEN;
    const head =
      this.#right(0, this.#times.textOf(event), 'dim') +
      GAP +
      this.#left(1, opText(event), OP_COLORS.get(event.op)) +
      GAP +
      this.#right(2, this.#ends.local(event), undefined) +
      GAP +
      (isListener ? empty.padEnd(1) : arrowText(event)) +
      GAP +
      this.#left(4, isListener ? empty : this.#ends.remote(event), undefined);
    const stateName = TCP_STATE_NAMES[event.state] ?? `${event.state}`;
    const facts = event.kind === Kind.RTT_SUMMARY ? summaryFacts(event) : eventFacts(event);
    const owner = this.#owners.textOf(event);
    if (owner !== '') facts.push(hasColors ? colored(owner, 'dim') : owner);
    const state = facts.length === 0 ? stateName : this.#left(5, stateName, undefined);
    const line =
      facts.length === 0 ? head + GAP + state : head + GAP + state + GAP + facts.join(GAP);
    if (maxColumns === Infinity || textWidth(line) <= maxColumns) return line;
    return this.#continued(head.trimEnd(), [stateName, ...facts].join(GAP));
  }

  #continued(head: string, rest: string): string {
    return `${head}\n${this.#indent}${rest}`;
  }

  #left(column: number, text: string, color: Color | undefined): string {
    return this.#painted(text, color) + this.#columns.padding(column, text.length);
  }

  #right(column: number, text: string, color: Color | undefined): string {
    return this.#columns.padding(column, text.length) + this.#painted(text, color);
  }

  #painted(text: string, color: Color | undefined): string {
    return this.#style.hasColors ? colored(text, color) : text;
  }
}

/** Who called connect: the arrow points to whom. */
function arrowText({ role }: SlotView): string {
  return role === Role.CLIENT ? '→' : role === Role.SERVER ? '←' : '-';
}

function opText(event: SlotView): string {
  return event.kind === Kind.OP
    ? (OP_NAMES[event.op] ?? `${event.op}`)
    : (KIND_NAMES[event.kind] ?? `${event.kind}`);
}

function summaryFacts(event: SlotView): string[] {
  const { rttCount = 0, rttSumUs = 0, rttLowUs = 0, rttHighUs = 0 } = event;
  const mean = rttCount === 0 ? 0 : rttSumUs / rttCount;
  return [
    `${rttCount} rtts`,
    `mean ${durationText(mean)}`,
    `${durationText(rttLowUs)} to ${durationText(rttHighUs)}`,
  ];
}
