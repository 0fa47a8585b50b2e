/** Major and minor number of a kernel: `[6, 18]`. */
export type KernelVersion = readonly [major: number, minor: number];

/** The numbers at the start of `uname -r`; `undefined` for a text without them. */
export function parseKernelVersion(release: string): KernelVersion | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

/** Whether a kernel is at least `major.minor`. */
export function isAtLeast(version: KernelVersion, [major, minor]: KernelVersion): boolean {
  return version[0] > major || (version[0] === major && version[1] >= minor);
}
