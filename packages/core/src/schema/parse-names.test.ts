import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import {
  CB_FLAG_TEXTS,
  ECN_FLAG_TEXTS,
  FAMILY_NAMES,
  KIND_NAMES,
  OP_NAMES,
  ROLE_NAMES,
  TCP_STATE_NAMES,
  tcpFlagText,
} from './names.ts';
import {
  NO_SUCH_NAME,
  parseCbFlags,
  parseEcnFlags,
  parseFamily,
  parseKind,
  parseOp,
  parseRole,
  parseState,
  parseTcpFlags,
} from './parse-names.ts';

const PARSERS = [
  [parseKind, KIND_NAMES],
  [parseOp, OP_NAMES],
  [parseState, TCP_STATE_NAMES],
  [parseFamily, FAMILY_NAMES],
  [parseRole, ROLE_NAMES],
  [parseCbFlags, CB_FLAG_TEXTS],
  [parseEcnFlags, ECN_FLAG_TEXTS],
] as const;

test('every name and flag text stands for its number', () => {
  for (const [parse, names] of PARSERS)
    for (const [value, name] of names.entries()) assert.equal(parse(name), value);
  for (let flags = 0; flags < 65536; flags++)
    assert.equal(parseTcpFlags(tcpFlagText(flags)), flags);
});

test('a number beyond the names is called UNKNOWN(n), and no other is', () => {
  assert.equal(parseState('UNKNOWN(4294967295)'), 0xffffffff);
  for (const text of ['UNKNOWN(4294967296)', 'UNKNOWN(1)', 'UNKNOWN(0300)', 'UNKNOWN(-1)'])
    assert.equal(parseState(text), NO_SUCH_NAME, text);
});

test('any other text is no name', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const [parse, names] of PARSERS)
        if (!(names as readonly string[]).includes(text)) assert.equal(parse(text), NO_SUCH_NAME);
    }),
  );
  for (const text of ['ACK|SYN', 'SYN|SYN', '0x1', '0x0200', '0x10000', 'SYN|', '|', 'toString'])
    assert.equal(parseTcpFlags(text), NO_SUCH_NAME, text);
});
