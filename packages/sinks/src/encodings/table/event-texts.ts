import { type Origin, type SlotView } from '@sockflow/core';

import { printable } from './printable.ts';
import { LocalOffsets, type WallZone } from './wall-zone.ts';

/* The texts of rows that are the same again and again, kept: a second, an end of a connection, an owner. Making them anew would be most of a row's cost. */

/** How times are written: `clock` as 10:00:00.123456, `date` as 2026-11-22T10:00:00.123456Z. */
export type TimeStyle = 'clock' | 'date';

const NS_PER_US = 1000n;
const US_PER_SEC = 1_000_000;
/** Microseconds of a second, with a dot: a text for each of the lower and the upper three digits. */
const THREE_DIGITS = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'));
/** As many ends and owners as are kept; then it begins anew. */
const MAX_KEPT = 1 << 14;

/** Times as the header says: the wall clock, in UTC or local with the offset, where the origin's is known, seconds since boot where not. */
export class TimeTexts {
  readonly #style: TimeStyle;
  readonly #offsets: LocalOffsets | undefined;
  #origin: Origin | undefined;
  #bootToWallNs: bigint | undefined;
  #second: number;
  #secondText: string;
  /** What stands behind the fraction: nothing, `Z` or the offset of the second. */
  #suffix: string;

  constructor(style: TimeStyle, zone: WallZone) {
    this.#style = style;
    this.#offsets = zone === 'local' ? new LocalOffsets() : undefined;
    this.#second = Number.NaN;
    this.#secondText = '';
    this.#suffix = style === 'date' ? 'Z' : '';
  }

  textOf(event: SlotView): string {
    if (event.origin !== this.#origin) this.#use(event.origin);
    if (this.#bootToWallNs === undefined) return (event.tsUs / 1e6).toFixed(6);
    const us = Number((event.tsNs + this.#bootToWallNs) / NS_PER_US);
    const second = Math.floor(us / US_PER_SEC);
    if (second !== this.#second) this.#startSecond(second);
    const part = us - second * US_PER_SEC;
    const thousands = Math.floor(part / 1000);
    return `${this.#secondText}${THREE_DIGITS[thousands]}${THREE_DIGITS[part - thousands * 1000]}${this.#suffix}`;
  }

  #use(origin: Origin): void {
    const { clock } = origin;
    this.#origin = origin;
    this.#bootToWallNs = clock === undefined ? undefined : clock.realtimeNs - clock.bootNs;
    this.#second = Number.NaN;
  }

  #startSecond(second: number): void {
    const offsetMinutes = this.#offsets?.minutesAt(second) ?? 0;
    const date = new Date((second + offsetMinutes * 60) * 1000);
    this.#second = second;
    const isDate = !Number.isNaN(date.getTime());
    if (isDate && this.#offsets !== undefined) this.#suffix = this.#offsets.textAt(second);
    const text = isDate ? date.toISOString().slice(0, -5) : `${second}`;
    this.#secondText = `${isDate && this.#style === 'clock' ? text.slice(-8) : text}.`;
  }
}

/** Ends of connections: `10.0.0.1:443`, `[fd00::1]:443`. */
export class EndTexts {
  readonly #ip4 = new Map<number, string>();

  local(event: SlotView): string {
    const { localIp4 } = event;
    return localIp4 === undefined
      ? endText(event.localAddress, event.localPort)
      : this.#ip4Text(localIp4, event.localPort);
  }

  remote(event: SlotView): string {
    const { remoteIp4 } = event;
    return remoteIp4 === undefined
      ? endText(event.remoteAddress, event.remotePort)
      : this.#ip4Text(remoteIp4, event.remotePort);
  }

  #ip4Text(ip: number, port: number): string {
    const key = ip * 65_536 + port;
    let text = this.#ip4.get(key);
    if (text !== undefined) return text;
    text = `${ip & 255}.${(ip >>> 8) & 255}.${(ip >>> 16) & 255}.${ip >>> 24}:${port}`;
    if (this.#ip4.size >= MAX_KEPT) this.#ip4.clear();
    this.#ip4.set(key, text);
    return text;
  }
}

function endText(address: string | undefined, port: number): string {
  if (address === undefined) return `?:${port}`;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Owners: `curl[4711]`. */
export class OwnerTexts {
  readonly #printable = new Map<string, string>();

  textOf(event: SlotView): string {
    const { ownerComm, ownerPid } = event;
    if (ownerComm === undefined || ownerPid === undefined) return '';
    let comm = this.#printable.get(ownerComm);
    if (comm === undefined) {
      comm = printable(ownerComm);
      if (this.#printable.size >= MAX_KEPT) this.#printable.clear();
      this.#printable.set(ownerComm, comm);
    }
    return `${comm}[${ownerPid}]`;
  }
}
