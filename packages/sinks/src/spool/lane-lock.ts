import {
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';

import { lockPath } from './layout.ts';
import { spoolLocked } from './spool-errors.ts';

interface Holder {
  readonly pid: number;
  readonly startTicks: string;
  readonly bootId: string;
}

const START_TICKS_FIELD = 22;

/** Who holds a lane's folder (Q7): a file that is there as long as the lane is, and stays open so that a thread that died holds nothing. */
export class LaneLock {
  readonly #path: string;
  #fd: number;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /** @throws ERR_SOCKFLOW_SPOOL_LOCKED */
  static take(directory: string, lane: number): LaneLock {
    const path = lockPath(directory, lane);
    const own = `${path}.${process.pid}.${isMainThread ? 0 : threadId}`;
    writeFileSync(own, JSON.stringify(holderOf(process.pid)));
    const fd = openSync(own, 'r');
    try {
      while (!tryLink(own, path)) {
        const pid = LaneLock.heldBy(directory, lane);
        if (pid !== undefined) throw spoolLocked(directory, lane, pid);
        takeAway(path, `${own}.old`);
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    } finally {
      rmSync(own, { force: true });
    }
    return new LaneLock(path, fd);
  }

  /** The process that holds it and lives. */
  static heldBy(directory: string, lane: number): number | undefined {
    const path = lockPath(directory, lane);
    const holder = readHolder(path);
    if (holder === undefined || !isSame(holder, holderOf(holder.pid))) return undefined;
    // Of this process: a lane that is there has it open, one that died has not.
    if (holder.pid === process.pid && !isOpenHere(path)) return undefined;
    return holder.pid;
  }

  release(): void {
    if (this.#fd < 0) return;
    rmSync(this.#path, { force: true });
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Of several that find a dead holder's lock, one takes it away; who takes away a living one's, which came in between, puts it back. */
function takeAway(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const holder = readHolder(aside);
  const isAlive = holder !== undefined && isSame(holder, holderOf(holder.pid));
  if (isAlive && (holder.pid !== process.pid || isOpenHere(aside))) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isSame(one: Holder, other: Holder): boolean {
  return one.startTicks === other.startTicks && one.bootId === other.bootId;
}

/** A process by what no later one with its number has, too; without a start where it is not there. */
function holderOf(pid: number): Holder {
  const stat = textOf(`/proc/${pid}/stat`);
  // Behind the name, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = fields[START_TICKS_FIELD - 3] ?? 'gone';
  return { pid, startTicks, bootId: textOf('/proc/sys/kernel/random/boot_id').trim() };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isOpenHere(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(path));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
