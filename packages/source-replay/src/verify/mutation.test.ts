import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';

import { Kind } from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';

import type { BlockCompression } from '../compression/compression-options.ts';
import { readU64, writeU64 } from '../format/frame-header.ts';
import { BLOCK, FRAME, FrameType, PREAMBLE, TRAILER } from '../format/layout.ts';
import {
  add,
  assembled,
  findingsOf,
  framesOf,
  type Lie,
  type LooseFrame,
  type LoosePart,
  recordingOf,
  takenApart,
  typeOf,
} from './frames-of.test.support.ts';
import { type InvariantId, INVARIANTS } from './invariants.ts';

const NO_FRAMES = Buffer.alloc(0);

/** Changes a part so that it lies. */
interface Mutation {
  readonly says: string;
  readonly groups?: number;
  readonly compression?: BlockCompression;
  /** Changes frames before offsets, numbers, checksums and index are made to fit. */
  readonly change?: (part: LoosePart) => void;
  /** Changes them after. */
  readonly lie?: Lie;
  /** Changes the bytes as they are. */
  readonly spoil?: (bytes: Buffer, part: LoosePart) => Buffer | void;
}

/** A lie about the n-th frame of a type. */
function lieOf(type: number, nth: number, tell: (frame: LooseFrame) => void): Lie {
  let seen = 0;
  return (frame) => {
    if (typeOf(frame) === type && seen++ === nth) tell(frame);
  };
}

function addU64(frame: LooseFrame, offset: number, by: number): void {
  writeU64(frame.header, readU64(frame.header, offset) + by, offset);
}

/** Clears the lowest bit that is set in a set. */
function clearBit(frame: LooseFrame, offset: number): void {
  let at = offset;
  while (frame.header[at] === 0) at++;
  frame.header[at]! &= frame.header[at]! - 1;
}

/** The first block that has a marker and events, in that order: what a window begins with. */
function moveMarkerBack({ body }: LooseFrame): void {
  const first = body.readUInt32LE(0) + 8;
  const marker = Buffer.from(body.subarray(0, first));
  body.copyWithin(0, first);
  body.set(marker, body.length - first);
}

function startsWithMarker({ header, body }: LooseFrame): boolean {
  const events = header.readUInt32LE(BLOCK.slotsOffset);
  return (
    (body[8] === Kind.LOSS_MARKER || body[8] === Kind.CLOCK_ANCHOR) &&
    events > 1 &&
    body.at(8 + body.readUInt32LE(0) + 8) === Kind.OP
  );
}

const MUTATIONS: Readonly<Record<InvariantId, readonly Mutation[]>> = {
  F1: [
    {
      says: 'something between two frames',
      change: ({ frames }) => (frames[2]!.before = Buffer.alloc(128)),
    },
    {
      says: 'something behind the last one',
      spoil: (bytes) => Buffer.concat([bytes, Buffer.alloc(64)]),
    },
    {
      says: 'a header that is too long',
      lie: lieOf(FrameType.BLOCK, 1, ({ header }) =>
        header.writeUInt32LE(1 << 20, FRAME.headerBytesOffset),
      ),
    },
    {
      says: 'a body of 1 byte more',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => add(frame, FRAME.bodyBytesOffset, 1)),
    },
  ],
  F2: [
    {
      says: 'a bit of a payload',
      spoil: (bytes, part) => void (bytes[offsetOf(part, FrameType.BLOCK, 1) + 900]! ^= 1),
    },
    {
      says: "a bit of a block's header",
      spoil: (bytes, part) => void (bytes[offsetOf(part, FrameType.BLOCK, 1) + 300]! ^= 1),
    },
    {
      says: 'a bit of an origin',
      spoil: (bytes, part) => void (bytes[offsetOf(part, FrameType.ORIGIN, 1) + 70]! ^= 1),
    },
    {
      says: 'a bit of the index',
      spoil: (bytes, part) => void (bytes[offsetOf(part, FrameType.INDEX, 0) + 70]! ^= 1),
    },
    { says: 'a bit of the trailer', spoil: (bytes) => void (bytes[bytes.length - 30]! ^= 1) },
    { says: 'a bit of the magic', spoil: (bytes) => void (bytes[1]! ^= 1) },
    { says: 'a bit of the preamble', spoil: (bytes) => void (bytes[20]! ^= 1) },
    { says: 'a bit of the descriptor', spoil: (bytes) => void (bytes[900]! ^= 1) },
    {
      says: 'a fingerprint of other fields',
      change: ({ fileHeader, frames }) => {
        for (const bytes of [fileHeader, ...frames.map(({ header }) => header)]) {
          const at =
            bytes === fileHeader ? PREAMBLE.identityOffset + 20 : FRAME.identityOffset + 20;
          bytes.writeUInt32LE(7, at);
        }
      },
    },
  ],
  F3: [
    {
      says: 'another offset',
      lie: lieOf(FrameType.BLOCK, 2, (frame) => addU64(frame, FRAME.offsetOffset, 64)),
    },
    {
      says: 'another recording',
      lie: lieOf(FrameType.BLOCK, 2, (frame) => add(frame, FRAME.identityOffset, 1)),
    },
    {
      says: 'another part',
      lie: lieOf(FrameType.ORIGIN, 1, ({ header }) =>
        header.writeUInt16LE(9, FRAME.identityOffset + 16),
      ),
    },
  ],
  F4: [
    {
      says: 'a number that is left out',
      lie: (frame, index) => index > 3 && add(frame, FRAME.numberOffset, 1),
    },
    { says: 'no end', change: (part) => void part.frames.splice(-2) },
    { says: 'no trailer', change: (part) => void part.frames.pop() },
    { says: 'no index', change: (part) => void part.frames.splice(-2, 1) },
    {
      says: 'a second trailer',
      change: (part) => void part.frames.push(copyOf(part.frames.at(-1)!)),
    },
    {
      says: 'an origin behind the index',
      change: (part) => void part.frames.splice(-1, 0, copyOf(part.frames[0]!)),
    },
    {
      says: 'a file that is cut within a body',
      spoil: (bytes, part) => bytes.subarray(0, offsetOf(part, FrameType.BLOCK, 2) + 900),
    },
  ],
  F5: [
    {
      says: 'a number that is left out',
      change: ({ frames }) => {
        for (const frame of frames)
          if (frame.header.readUInt32LE(FRAME.originNumberOffset) === 1)
            add(frame, FRAME.originNumberOffset, 1);
      },
    },
    {
      says: 'copies that differ',
      change: (part) => {
        const last = framesOf(part, FrameType.ORIGIN).at(-1)!;
        last.body = Buffer.from(JSON.stringify({ id: 'another' }).padEnd(64));
      },
    },
    {
      says: 'a block before its origin',
      change: ({ frames }) => frames[1]!.header.writeUInt32LE(1, FRAME.originNumberOffset),
    },
    {
      says: 'an origin without an id',
      change: (part) => {
        for (const frame of framesOf(part, FrameType.ORIGIN)) {
          if (frame.header.readUInt32LE(FRAME.originNumberOffset) === 1)
            frame.body = Buffer.from('{}'.padEnd(64));
        }
      },
    },
  ],
  F6: [
    {
      says: 'a length word with the discard bit',
      change: (part) => void (framesOf(part, FrameType.BLOCK)[1]!.body[3]! |= 0x40),
    },
    {
      says: 'a slot longer than the payload',
      change: (part) => framesOf(part, FrameType.BLOCK)[1]!.body.writeUInt32LE(248 + (1 << 20)),
    },
    {
      says: 'a slot of 65 bytes more',
      change: (part) => framesOf(part, FrameType.BLOCK)[1]!.body.writeUInt32LE(313),
    },
    {
      says: 'other stored bytes',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => add(frame, BLOCK.storedBytesOffset, 64)),
    },
    {
      says: 'another payload',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => {
        add(frame, BLOCK.storedBytesOffset, 64);
        add(frame, BLOCK.payloadBytesOffset, 64);
      }),
    },
  ],
  F7: [
    {
      says: 'one slot more',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => add(frame, BLOCK.slotsOffset, 1)),
    },
    {
      says: 'one slot of a kind more',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => add(frame, BLOCK.kindCountsOffset + 8, 1)),
    },
    {
      says: 'one event of an op less',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => add(frame, BLOCK.opCountsOffset + 31 * 4, -1)),
    },
    {
      says: 'another first time',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => addU64(frame, BLOCK.firstTimeOffset, -1)),
    },
    {
      says: 'another last time',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => addU64(frame, BLOCK.lastTimeOffset, 1)),
    },
    {
      says: 'a lane bucket less',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => clearBit(frame, BLOCK.laneBucketsOffset)),
    },
    {
      says: 'a local port less',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => clearBit(frame, BLOCK.localPortsOffset)),
    },
    {
      says: 'a remote port less',
      lie: lieOf(FrameType.BLOCK, 1, (frame) => clearBit(frame, BLOCK.remotePortsOffset)),
    },
  ],
  F8: [
    {
      says: 'one event more before',
      lie: lieOf(FrameType.BLOCK, 2, (frame) => addU64(frame, BLOCK.eventsBeforeOffset, 1)),
    },
    {
      says: 'none before',
      lie: lieOf(FrameType.BLOCK, 3, ({ header }) => writeU64(header, 0, BLOCK.eventsBeforeOffset)),
    },
  ],
  F10: [
    {
      says: 'one block more',
      lie: lieOf(FrameType.TRAILER, 0, (frame) => add(frame, TRAILER.blocksOffset, 1)),
    },
    {
      says: 'one event more',
      lie: lieOf(FrameType.TRAILER, 0, (frame) => addU64(frame, TRAILER.eventsOffset, 1)),
    },
    {
      says: 'one marker more',
      lie: lieOf(FrameType.TRAILER, 0, (frame) => addU64(frame, TRAILER.markersOffset, 1)),
    },
    {
      says: 'an index elsewhere',
      lie: lieOf(FrameType.TRAILER, 0, (frame) => addU64(frame, TRAILER.indexOffset, 64)),
    },
    {
      says: 'another header in the index',
      lie: lieOf(FrameType.INDEX, 0, (frame) => {
        frame.body[200]! ^= 1;
        resum(frame);
      }),
    },
    {
      says: 'a header less in the index',
      lie: lieOf(FrameType.INDEX, 0, (frame) => {
        frame.body = frame.body.subarray(64);
        frame.header.writeUInt32LE(frame.body.length, FRAME.bodyBytesOffset);
        resum(frame);
      }),
    },
  ],
  F12: [
    {
      says: 'a part that cannot be',
      change: ({ fileHeader, frames }) => {
        fileHeader.writeUInt16LE(5, PREAMBLE.identityOffset + 16);
        for (const { header } of frames) header.writeUInt16LE(5, FRAME.identityOffset + 16);
      },
    },
  ],
  F14: [
    {
      says: 'groups that are not there',
      change: ({ fileHeader }) => void fileHeader.writeUInt16LE(0, PREAMBLE.laneGroupsOffset),
    },
    {
      says: 'two groups in a block',
      groups: 2,
      change: (part) => {
        const block = framesOf(part, FrameType.BLOCK).find(
          ({ header, body }) =>
            header.readUInt32LE(BLOCK.slotsOffset) > 1 &&
            body[8] !== Kind.LOSS_MARKER &&
            body[8] !== Kind.CLOCK_ANCHOR,
        )!;
        // The lane key of its first slot, and what the header says of it.
        block.body[44]! ^= 1;
        block.header.fill(0xff, BLOCK.laneBucketsOffset, BLOCK.laneBucketsOffset + 8);
      },
    },
  ],
  F15: [
    {
      says: 'a marker behind an event',
      groups: 2,
      change: (part) => moveMarkerBack(framesOf(part, FrameType.BLOCK).find(startsWithMarker)!),
    },
  ],
  F16: [
    {
      says: 'as many stored bytes as the payload has',
      compression: 'lz4',
      lie: lieOf(FrameType.BLOCK, 1, ({ header }) =>
        header.writeUInt32LE(
          header.readUInt32LE(BLOCK.payloadBytesOffset),
          BLOCK.storedBytesOffset,
        ),
      ),
    },
    {
      says: 'a body of something else',
      compression: 'zstd',
      change: (part) => void framesOf(part, FrameType.BLOCK)[1]!.body.fill(0xff),
    },
    {
      says: 'a shorter payload',
      compression: 'lz4',
      change: (part) => add(framesOf(part, FrameType.BLOCK)[1]!, BLOCK.payloadBytesOffset, -64),
    },
  ],
};

function resum(frame: LooseFrame): void {
  frame.header.writeUInt32LE(crc32(frame.body), FRAME.bodyCrcOffset);
}

function copyOf({ header, body }: LooseFrame): LooseFrame {
  return { header: Buffer.from(header), body: Buffer.from(body), before: NO_FRAMES };
}

function offsetOf(part: LoosePart, type: number, nth: number): number {
  return readU64(framesOf(part, type)[nth]!.header, FRAME.offsetOffset);
}

for (const [invariant, mutations] of Object.entries(MUTATIONS)) {
  test(`${invariant} is found where it is broken, and nothing else is`, (t) => {
    const path = join(useTempDir(t), 'out.sfrec');
    for (const { says, groups = 1, compression, change, lie, spoil } of mutations) {
      const part = takenApart(recordingOf(path, groups, 1, 12, compression));
      change?.(part);
      const bytes = assembled(part, lie);
      const spoilt = spoil?.(bytes, part) ?? bytes;
      const found = findingsOf(Buffer.from(spoilt));
      const told = JSON.stringify(found, null, 1);
      assert.ok(found.length > 0, `${says}: not found`);
      assert.deepEqual(
        [...new Set(found.map((finding) => finding.invariant))],
        [invariant],
        `${says}: ${told}`,
      );
    }
  });
}

test('every invariant that can be checked has mutations', () => {
  assert.deepEqual(Object.keys(MUTATIONS), Object.keys(INVARIANTS));
});
