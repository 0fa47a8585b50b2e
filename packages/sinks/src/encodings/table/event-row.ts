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
import type { Cell } from './columns.ts';
import { eventFacts } from './event-facts.ts';
import { printable } from './printable.ts';
import { durationText } from './units.ts';

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
/** Who called connect: the arrow points to whom. */
const ARROWS: ReadonlyMap<number | undefined, string> = new Map([
  [Role.CLIENT, '→'],
  [Role.SERVER, '←'],
]);
const NS_PER_US = 1000n;

/** Times as the header says: the wall clock in UTC where the origin's is known, seconds since boot where not. */
function timeText(tsUs: number, wallNs: bigint | undefined): string {
  if (wallNs === undefined) return (tsUs / 1e6).toFixed(6);
  const us = wallNs / NS_PER_US;
  const micros = String(us % 1000n).padStart(3, '0');
  return `${new Date(Number(us / 1000n)).toISOString().slice(11, 23)}${micros}`;
}

function endText(address: string | undefined, port: number): string {
  if (address === undefined) return `?:${port}`;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A listening socket has no other end. */
function remoteText(event: SlotView): string {
  return event.state === TcpState.LISTEN ? '' : endText(event.remoteAddress, event.remotePort);
}

function arrowText(event: SlotView): string {
  return event.state === TcpState.LISTEN ? '' : (ARROWS.get(event.role) ?? '-');
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

function ownerText(event: SlotView): string {
  const { ownerComm, ownerPid } = event;
  if (ownerComm === undefined || ownerPid === undefined) return '';
  return `${printable(ownerComm)}[${ownerPid}]`;
}

/** What the columns are called, in the order of {@link eventRow}. */
export function eventHeader(hasWallClock: boolean): readonly Cell[] {
  return [
    { text: hasWallClock ? 'TIME (UTC)' : 'SINCE BOOT', isRight: true },
    { text: 'EVENT' },
    { text: 'LOCAL', isRight: true },
    { text: '' },
    { text: 'REMOTE' },
    { text: 'STATE' },
    { text: 'FACTS' },
  ];
}

/** One event as cells: time, op, local → remote, state, its facts and who owns the socket. */
export function eventRow(event: SlotView, hasColors: boolean): readonly Cell[] {
  const paint = (color: Color | undefined): Pick<Cell, 'paint'> =>
    hasColors ? { paint: (text) => colored(text, color) } : {};
  const facts = event.kind === Kind.RTT_SUMMARY ? summaryFacts(event) : eventFacts(event);
  const owner = ownerText(event);
  const ownerShown = hasColors ? colored(owner, 'dim') : owner;
  return [
    { text: timeText(event.tsUs, event.wallNs), isRight: true, ...paint('dim') },
    { text: opText(event), ...paint(OP_COLORS.get(event.op)) },
    { text: endText(event.localAddress, event.localPort), isRight: true },
    { text: arrowText(event) },
    { text: remoteText(event) },
    { text: TCP_STATE_NAMES[event.state] ?? `${event.state}` },
    { text: [...facts, ...(owner === '' ? [] : [ownerShown])].join('  ') },
  ];
}
