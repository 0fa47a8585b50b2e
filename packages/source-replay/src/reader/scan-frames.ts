import { SourceError } from '../errors.ts';
import { SCHEMA_FINGERPRINT } from '../format/descriptor.ts';
import {
  type FrameHeader,
  isOfPart,
  type PartIdentity,
  readIdentity,
} from '../format/frame-header.ts';
import { ALIGN_BYTES, FRAME, FRAME_MAGIC, PREAMBLE_BYTES } from '../format/layout.ts';
import { PartFrames } from './part-frames.ts';
import type { RandomAccessFile } from './random-access-file.ts';
import { readFrameHeader } from './read-frame-header.ts';

const SEARCH_BYTES = 1 << 20;

/**
 * Goes from frame to frame without the index, and over damage to the next whole frame (F3, F4).
 *
 * @param start where the first frame is: the end of the file header; `undefined` where that is damaged
 * @throws ERR_SOCKFLOW_RECORDING_DAMAGED where the file header is damaged and there is no frame either
 */
export function scanFrames(
  file: RandomAccessFile,
  start: number | undefined,
  identity: PartIdentity | undefined,
): PartFrames {
  let offset = start ?? PREAMBLE_BYTES;
  let frames = identity === undefined ? undefined : new PartFrames(file.path, identity);
  while (offset < file.sizeBytes) {
    const own = frames?.identityBytes;
    const frame = frameAt(file, offset, own);
    if (frame === undefined) {
      const next = findFrame(file, offset + ALIGN_BYTES, own);
      if (frames === undefined) frames = firstFrames(file, next);
      // Before the first frame lies what is left of a damaged file header: no frame is missing there that its number would not tell.
      else if (!frames.isComplete) {
        frames.addHole(
          next === undefined ? 'cut' : 'frames',
          offset,
          next?.offset ?? file.sizeBytes,
        );
      }
      offset = next?.offset ?? file.sizeBytes;
      continue;
    }
    frames ??= firstFrames(file, frame);
    const end = frame.offset + frame.headerBytes + frame.bodyBytes;
    if (end > file.sizeBytes) frames.addCutFrame(frame, file.sizeBytes);
    else frames.add(frame);
    offset = end;
  }
  return frames ?? firstFrames(file, undefined);
}

function firstFrames(file: RandomAccessFile, first: FrameHeader | undefined): PartFrames {
  if (first !== undefined) {
    const frames = new PartFrames(file.path, readIdentity(first.bytes, FRAME.identityOffset));
    if (first.number > 0) frames.addHole('frames', PREAMBLE_BYTES, first.offset);
    return frames;
  }
  throw new SourceError(
    'ERR_SOCKFLOW_RECORDING_DAMAGED',
    `recording '${file.path}' has a damaged file header and no whole frame of its fields`,
    {
      details: { path: file.path },
      remedy: 'Nothing can be read from it; take a copy of the file',
    },
  );
}

function frameAt(
  file: RandomAccessFile,
  offset: number,
  own: Buffer | undefined,
): FrameHeader | undefined {
  const frame = readFrameHeader(file, offset);
  if (frame === undefined) return undefined;
  const isOurs =
    own === undefined
      ? readIdentity(frame.bytes, FRAME.identityOffset).schemaFingerprint === SCHEMA_FINGERPRINT
      : isOfPart(frame, own);
  return isOurs ? frame : undefined;
}

/** The next frame of the part from a multiple of 64 bytes on; of any part where `own` is `undefined`. */
export function findFrame(
  file: RandomAccessFile,
  from: number,
  own: Buffer | undefined,
): FrameHeader | undefined {
  const window = Buffer.alloc(Math.min(SEARCH_BYTES, Math.max(0, file.sizeBytes - from)));
  for (let at = from; at < file.sizeBytes; at += SEARCH_BYTES) {
    const got = file.read(window, at);
    for (let index = 0; index + ALIGN_BYTES <= got; index += ALIGN_BYTES) {
      if (window.readUInt32LE(index) !== FRAME_MAGIC) continue;
      const frame = frameAt(file, at + index, own);
      if (frame !== undefined) return frame;
    }
  }
  return undefined;
}
