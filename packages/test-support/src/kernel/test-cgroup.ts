import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { type AsyncCleanableTest, atEnd } from './at-end.ts';
import { isAlive, sleepBlocking } from './processes.ts';

const NAME_PREFIX = 'sockflow-test-';
const REMOVE_TRIES = 200;
const REMOVE_WAIT_MS = 10;

let nextNumber = 0;

/** @returns where cgroup2 is mounted, on a hybrid machine too. */
export function findCgroup2(): string | undefined {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [mount = '', filesystem = ''] = line.split(' - ');
    if (filesystem.startsWith('cgroup2 ')) return mount.split(' ')[4];
  }
  return undefined;
}

/** A cgroup of a test's own: sockets of the processes that are put into it are its alone. */
export class TestCgroup {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes one that is removed at the end of the test, with whatever runs in it still; first removes those of test processes that died. */
  static use(test: AsyncCleanableTest): TestCgroup {
    const root = findCgroup2();
    if (root === undefined) throw new Error('no cgroup2 is mounted: requireKernel first');
    removeLeftOvers(root);
    const path = join(root, `${NAME_PREFIX}${process.pid}-${nextNumber++}`);
    mkdirSync(path);
    const cgroup = new TestCgroup(path);
    atEnd(test, () => removeTree(path));
    return cgroup;
  }

  /** Its id, as the kernel's programs have it: the inode of its folder. */
  get id(): bigint {
    return statSync(this.path, { bigint: true }).ino;
  }

  /** Moves a process into it. Sockets that it has already stay where they are. */
  add(pid: number): void {
    writeFileSync(join(this.path, 'cgroup.procs'), String(pid));
  }

  /** A cgroup within this one. */
  child(name: string): TestCgroup {
    const path = join(this.path, name);
    mkdirSync(path);
    return new TestCgroup(path);
  }

  /** Processes that are in it now. */
  pids(): number[] {
    return readFileSync(join(this.path, 'cgroup.procs'), 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map(Number);
  }

  remove(): void {
    removeTree(this.path);
  }
}

function removeLeftOvers(root: string): void {
  for (const name of readdirSync(root)) {
    const pid = new RegExp(`^${NAME_PREFIX}(\\d+)-\\d+$`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeTree(join(root, name));
  }
}

function removeTree(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name));
  }
  // Only what a test put there is in it. The file is there from 5.14 on.
  if (existsSync(join(path, 'cgroup.kill'))) writeFileSync(join(path, 'cgroup.kill'), '1');
  for (let tries = 1; ; tries++) {
    try {
      return rmdirSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || tries === REMOVE_TRIES) throw error;
      sleepBlocking(REMOVE_WAIT_MS);
    }
  }
}
