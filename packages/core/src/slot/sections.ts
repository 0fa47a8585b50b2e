import type { ContextSection } from '../schema/generated/context-event.ts';
import { refuseValue } from './field-range.ts';
import { LENGTH_MASK, RING_HEADER_BYTES, SLOT_BYTES, SLOT_STEP_BYTES } from './layout.ts';

/**
 * Sections lie from byte 256 to the end of the slot, one after another.
 *
 *   offset  bytes  field    meaning
 *   ------  -----  -------  -----------------------------------------------------------
 *        0      2  tag      1 the TCP header as captured; 0 ends the sections
 *        2      2  length   bytes that follow, without the padding
 *        4      -  bytes    padded with zeros to a multiple of 4
 *
 * Invariants
 *   S6  The TCP header's section, where there is one, is the first, so that its bytes lie at 260; it has 1 to 60 bytes.
 *   S7  A tag that a reader does not know is passed over and kept; what reaches past the slot's end is damage of that section alone: it and what follows are not read.
 */
export const TCP_HEADER_TAG = 1;
const TCP_HEADER_MAX_BYTES = 60;
const SECTION_HEADER_BYTES = 4;
const SECTION_MAX_BYTES = 65535;

/** The value of the hexadecimal digit at `index`; -1 where it is none. */
function nibble(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function paddedBytes(hex: string): number {
  return SECTION_HEADER_BYTES + Math.ceil(hex.length / 8) * 4;
}

/** Bytes of a slot with these sections. */
export function slotBytesWith(headerHex: string, sections: readonly ContextSection[]): number {
  let bytes = headerHex === '' ? 0 : paddedBytes(headerHex);
  for (const [, hex] of sections) bytes += paddedBytes(hex);
  return SLOT_BYTES + Math.ceil(bytes / SLOT_STEP_BYTES) * SLOT_STEP_BYTES;
}

/** Writes one section at word `at`; the word after it. */
function sectionInto(field: string, tag: number, hex: string, m: Uint32Array, at: number): number {
  m[at] = tag | ((hex.length / 2) << 16);
  for (let index = 0; index < hex.length; index += 2) {
    const byte = (nibble(hex, index) << 4) | nibble(hex, index + 1);
    if (byte < 0) refuseValue(field, 'pairs of hexadecimal digits', hex);
    m[at + 1 + (index >>> 3)]! |= byte << ((index & 6) * 4);
  }
  return at + paddedBytes(hex) / 4;
}

/** Checks the TCP header's text: at most 60 bytes in hexadecimal. */
export function checkHeaderHex(value: unknown): string {
  if (value === undefined) return '';
  if (
    typeof value !== 'string' ||
    value.length % 2 !== 0 ||
    value.length > TCP_HEADER_MAX_BYTES * 2
  ) {
    refuseValue('tcp_header', 'hexadecimal text of at most 60 bytes', value);
  }
  return value;
}

/** Checks the sections that the schema does not name. */
export function checkSections(value: unknown): readonly ContextSection[] {
  if (value === undefined) return [];
  const expected = 'a list of [tag, hexadecimal text], with tags from 2 to 65535';
  if (!Array.isArray(value)) refuseValue('sections', expected, value);
  for (const section of value as unknown[]) {
    if (!Array.isArray(section) || section.length !== 2) refuseValue('sections', expected, section);
    const [tag, hex] = section as unknown[];
    const isTag = typeof tag === 'number' && Number.isInteger(tag) && tag >= 2 && tag <= 65535;
    const isHex =
      typeof hex === 'string' && hex.length % 2 === 0 && hex.length <= SECTION_MAX_BYTES * 2;
    if (!isTag || !isHex) refuseValue('sections', expected, section);
  }
  return value as readonly ContextSection[];
}

/** Writes the sections of the slot at word `w`, whose memory is zero from byte 256 on. */
export function sectionsInto(
  headerHex: string,
  sections: readonly ContextSection[],
  m: Uint32Array,
  w: number,
): void {
  let at = w + SLOT_BYTES / 4;
  if (headerHex !== '') at = sectionInto('tcp_header', TCP_HEADER_TAG, headerHex, m, at);
  for (const [tag, hex] of sections) at = sectionInto('sections', tag, hex, m, at);
}

function hexOf(m: Uint32Array, at: number, bytes: number): string {
  let text = '';
  for (let index = 0; index < bytes; index++) {
    const byte = (m[at + (index >>> 2)]! >>> ((index & 3) * 8)) & 255;
    text += (byte < 16 ? '0' : '') + byte.toString(16);
  }
  return text;
}

/** The sections of the slot at word `w`, the TCP header's included. */
export function readSections(m: Uint32Array, w: number): ContextSection[] {
  const end = w + ((m[w]! & LENGTH_MASK) + RING_HEADER_BYTES) / 4;
  const sections: ContextSection[] = [];
  let at = w + SLOT_BYTES / 4;
  while (at < end) {
    const tag = m[at]! & 0xffff;
    const bytes = m[at]! >>> 16;
    const next = at + 1 + Math.ceil(bytes / 4);
    if (tag === 0 || next > end) break;
    sections.push([tag, hexOf(m, at + 1, bytes)]);
    at = next;
  }
  return sections;
}
