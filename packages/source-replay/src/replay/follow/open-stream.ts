import { fstatSync } from 'node:fs';

import { ConfigError, type OpenSource } from '@sockflow/core';

import { SourceError } from '../../errors.ts';
import type { ReplayOptions } from '../replay.ts';
import { FollowBoard } from './follow-board.ts';
import { followedBy } from './followed.ts';
import { OpenFollow } from './open-follow.ts';
import { readSystem } from './read-system.ts';
import { Spool } from './spool.ts';

/** Stands for standard input. */
export const STDIN = '-';
const STDIN_FD = 0;

/** @throws ERR_SOCKFLOW_INVALID_OPTION for what cannot be had of a recording that comes as it is written */
export function checkStream(paths: readonly string[], { speed }: ReplayOptions): void {
  const what = paths.includes(STDIN) ? 'standard input' : 'a recording that is followed';
  if (paths.length > 1) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `replay: ${what} is read alone, and ${paths.length} recordings were named`,
      { remedy: "Name one recording; for a series of parts a name with '*', in quotes" },
    );
  }
  if (speed !== undefined && speed !== 'max') {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `replay: ${what} has no pace but its own`,
      { details: { speed }, remedy: 'Leave the speed out, or replay a file that is complete' },
    );
  }
}

/** Opens a recording that is followed, or standard input. */
export async function openStream(path: string, options: ReplayOptions): Promise<OpenSource> {
  const board = FollowBoard.allocate();
  const tolerates = options.tolerateDamage ?? false;
  if (path !== STDIN) return new OpenFollow(followedBy(path), board, undefined, tolerates);
  refuseFolder();
  const spool = new Spool(process.stdin, board);
  const followed = { type: 'spool', fd: spool.fd, name: 'standard input' } as const;
  return new OpenFollow(followed, board, spool, tolerates);
}

function refuseFolder(): void {
  if (!readSystem('standard input', () => fstatSync(STDIN_FD)).isDirectory()) return;
  throw new SourceError('ERR_SOCKFLOW_RECORDING_READ', 'standard input is a directory', {
    remedy: 'Give it a recording: sockflow replay - < out.sfrec',
  });
}
