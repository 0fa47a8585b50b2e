/* File systems that a script has to itself, below its folder: see own-mounts.ts. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { SKIPPED_STATUS } from '../own-mounts.ts';

function command(name: string, ...args: readonly string[]): void {
  execFileSync(name, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Ends the script: its test is skipped. */
function skip(reason: string): never {
  console.log(reason);
  process.exit(SKIPPED_STATUS);
}

/** All that is the file system's own, its journal too, lies at the start, which the device has: only data finds no room. */
const OWN_AT_START = 'nodiscard,packed_meta_blocks=1';
const OWN_BYTES = 6 * 1024 * 1024;

/** Zeros are holes to mkfs: written again, they take the room that they need. */
function giveBlocks(path: string, bytes: number): void {
  const fd = openSync(path, 'r+');
  const start = Buffer.alloc(bytes);
  readSync(fd, start, 0, bytes, 0);
  writeSync(fd, start, 0, bytes, 0);
  closeSync(fd);
}

/** Where a script's file system is, and what can be done to it. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** A tmpfs of a size such as `1m`. */
  static mount(dir: string, size: string): SmallDisk {
    const folder = join(dir, 'disk');
    mkdirSync(folder, { recursive: true });
    command('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder);
    return new SmallDisk(folder);
  }

  resize(size: string): void {
    command('mount', '-o', `remount,size=${size}`, this.folder);
  }

  /** @returns whether it could be made read-only: not while a file on it is open for writing */
  tryReadOnly(): boolean {
    const { status } = spawnSync('mount', ['-o', 'remount,ro', this.folder], { stdio: 'ignore' });
    return status === 0;
  }

  writable(): void {
    command('mount', '-o', 'remount,rw', this.folder);
  }

  unmount(): void {
    command('umount', this.folder);
  }
}

/**
 * ext4 on a loop device whose file is thin: it says that it has 64 MiB, and lies on a tmpfs of fewer. So the system takes what is written, and only writing it back to the device
 * fails, as on a disk that is broken or provisioned thinly: `fdatasync` tells.
 */
export class ThinDisk {
  readonly folder: string;
  readonly #image: string;
  readonly #below: SmallDisk;

  private constructor(folder: string, image: string, below: SmallDisk) {
    this.folder = folder;
    this.#image = image;
    this.#below = below;
  }

  static mount(dir: string, size: string): ThinDisk {
    const below = SmallDisk.mount(dir, size);
    const image = join(below.folder, 'image');
    const folder = join(dir, 'thin');
    mkdirSync(folder);
    writeFileSync(image, '');
    truncateSync(image, 64 * 1024 * 1024);
    const isMade =
      spawnSync('mkfs.ext4', ['-q', '-J', 'size=4', '-N', '128', '-E', OWN_AT_START, image])
        .status === 0;
    if (!isMade) skip('needs mkfs.ext4, of e2fsprogs');
    giveBlocks(image, OWN_BYTES);
    const disk = new ThinDisk(folder, image, below);
    disk.#mount();
    return disk;
  }

  unmount(): void {
    command('umount', this.folder);
    this.#below.unmount();
  }

  /** The device has room again. */
  resize(size: string): void {
    this.#below.resize(size);
  }

  /** The file system finds an error, and makes itself read-only: for good, also under files that are open. */
  breakDown(): void {
    const device = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[4] === this.folder)
      ?.split(' - ')[1]
      ?.split(' ')[1];
    const trigger = `/sys/fs/ext4/${basename(device ?? '')}/trigger_fs_error`;
    if (!existsSync(trigger)) skip('needs trigger_fs_error of ext4');
    writeFileSync(trigger, '1');
  }

  /** The system frees the loop device with its mount, also where that goes with the script. */
  #mount(): void {
    const args = ['-o', 'loop,errors=remount-ro', this.#image, this.folder];
    const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
    if (status !== 0)
      skip(`needs ext4 on a free loop device: ${stderr.trim().replaceAll('\n', ' ')}`);
  }
}
