import { readFileSync, writeFileSync } from 'node:fs';

/* ELF64, little-endian: /usr/include/elf.h. */
const SECTION_TABLE_OFFSET = 0x28;
const SECTION_COUNT_OFFSET = 0x3c;
const NAMES_INDEX_OFFSET = 0x3e;
const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;
const TYPE_SYMBOLS = 2;
const SYMBOL_IS_FUNCTION = 2;

/** `r0 = *(u64 *)(r9 + 0)` while nothing has written r9: `R9 !read_ok`. */
const READS_WHAT_NOBODY_WROTE = Buffer.from([0x79, 0x90, 0, 0, 0, 0, 0, 0]);

interface Section {
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Copies a compiled BPF object; in the copy each program of a section begins with an instruction that the verifier refuses. */
export function refuseObject(source: string, target: string, sectionName: string): void {
  const file = readFileSync(source);
  const sections = readSections(file);
  const index = sections.findIndex(({ name }) => name === sectionName);
  const code = sections[index];
  const symbols = sections.find(({ type }) => type === TYPE_SYMBOLS);
  if (code === undefined || symbols === undefined) throw new Error(`no ${sectionName}`);
  let patched = 0;
  for (let at = symbols.offset; at < symbols.offset + symbols.bytes; at += SYMBOL_BYTES) {
    const isFunction = ((file[at + 4] ?? 0) & 15) === SYMBOL_IS_FUNCTION;
    if (!isFunction || file.readUInt16LE(at + 6) !== index) continue;
    READS_WHAT_NOBODY_WROTE.copy(file, code.offset + Number(file.readBigUInt64LE(at + 8)));
    patched++;
  }
  if (patched === 0) throw new Error(`no function in ${sectionName}`);
  writeFileSync(target, file);
}

function readSections(file: Buffer): Section[] {
  const tableOffset = Number(file.readBigUInt64LE(SECTION_TABLE_OFFSET));
  const count = file.readUInt16LE(SECTION_COUNT_OFFSET);
  const at = (index: number) => tableOffset + index * SECTION_BYTES;
  const offsetOf = (index: number) => Number(file.readBigUInt64LE(at(index) + 0x18));
  const namesOffset = offsetOf(file.readUInt16LE(NAMES_INDEX_OFFSET));
  return Array.from({ length: count }, (_, index) => {
    const nameOffset = namesOffset + file.readUInt32LE(at(index));
    return {
      name: file.toString('latin1', nameOffset, file.indexOf(0, nameOffset)),
      type: file.readUInt32LE(at(index) + 4),
      offset: offsetOf(index),
      bytes: Number(file.readBigUInt64LE(at(index) + 0x20)),
    };
  });
}
