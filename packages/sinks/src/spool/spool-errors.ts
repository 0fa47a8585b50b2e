import { isSockflowError } from '@sockflow/core';

import { SinkError } from '../errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The errno behind an error of the file system, of ours or the system's own; '' where there is none. */
function errnoBehind(error: unknown): string {
  if (isSockflowError(error)) {
    const { errno } = error.details as { readonly errno?: unknown };
    return typeof errno === 'string' && errno !== '' ? errno : errnoBehind(error.cause);
  }
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Whether there was no room: a state, not a fault. */
export function isNoRoom(error: unknown): boolean {
  return FULL.has(errnoBehind(error));
}

/** The spool holds as much as it may, or its disk does. */
export function spoolFull(
  directory: string,
  sink: string,
  why: string,
  cause?: unknown,
): SinkError {
  return new SinkError(
    'ERR_SOCKFLOW_SPOOL_FULL',
    `the spool of ${sink} in ${directory} is full: ${why}`,
    {
      cause,
      remedy:
        'Bring its destination back, give it more room (maxBytes), or free space on that disk',
      details: { directory, sink, errno: errnoBehind(cause) },
    },
  );
}

/** Another process, or another sink of this one, writes there. */
export function spoolLocked(directory: string, lane: number, pid: number): SinkError {
  return new SinkError(
    'ERR_SOCKFLOW_SPOOL_LOCKED',
    `the spool in ${directory} is in use: process ${pid} writes its lane ${lane}`,
    {
      remedy: 'Give each sink of each process a spool directory of its own, or end that process',
      details: { directory, lane, pid },
    },
  );
}

/** The directory is not this sink's, or cannot be worked with. */
export function spoolDirectoryError(directory: string, why: string, cause?: unknown): SinkError {
  return new SinkError(
    'ERR_SOCKFLOW_SPOOL_DIRECTORY',
    `the spool directory ${directory} cannot be used: ${why}`,
    {
      cause,
      remedy: 'Choose another directory, or mend what the message says',
      details: { directory, errno: errnoBehind(cause) },
    },
  );
}

/** What lies there was given to a sink of the same name that leads somewhere else. */
export function spoolElsewhere(
  directory: string,
  sink: string,
  found: string,
  destination: string,
): SinkError {
  return new SinkError(
    'ERR_SOCKFLOW_SPOOL_DIRECTORY',
    `the spool directory ${directory} cannot be used: it holds what ${sink} at ${found} was given, and this is ${sink} at ${destination}`,
    {
      remedy: `Choose another directory for ${destination}, or start it for ${found} until it is delivered; where both are one cluster, remove "destination" from ${directory}/spool.json`,
      details: { directory, errno: '' },
    },
  );
}

/** The file system refused to read or write a spool. */
export function spoolIoError(path: string, doing: 'written' | 'read', cause: unknown): SinkError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SinkError('ERR_SOCKFLOW_SPOOL_IO', `the spool ${path} cannot be ${doing}: ${why}`, {
    cause,
    remedy:
      'Look at the disk (dmesg) and at the permissions; what lies there stays, and the next start delivers it',
    details: { path, errno: errnoBehind(cause) },
  });
}

/** Something of what was acknowledged cannot be read any more: the rest is delivered, and the files are kept. */
export function spoolDamaged(
  directory: string,
  sink: string,
  damaged: readonly { readonly path: string; readonly events: number }[],
): SinkError {
  const files = damaged.map(({ path, events }) =>
    events === 0
      ? `${path}, nobody knows how many events of it`
      : `${path}, ${events} event${events === 1 ? '' : 's'} of it at least`,
  );
  return new SinkError(
    'ERR_SOCKFLOW_SPOOL_DAMAGED',
    `the spool of ${sink} in ${directory} is damaged and could not all be read: ${files.join('; ')}`,
    {
      remedy:
        'Look at the disk (dmesg). What could be read is delivered; the file is kept, and not read again: `sockflow repair FILE OUTPUT.sfrec` says of a recording what is missing, and when; remove it when you are done',
      details: {
        directory,
        sink,
        files: damaged.map(({ path }) => path),
        events: damaged.reduce((sum, { events }) => sum + events, 0),
      },
    },
  );
}
