/** One line of /proc/self/mountinfo, as far as it is used. */
export interface Mount {
  /** Which directory of its file system is mounted. */
  readonly root: string;
  readonly path: string;
  readonly type: string;
  /** Of the file system, not of this mount. */
  readonly options: readonly string[];
}

/** The kernel writes space, tab, newline and backslash of a path as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The mounts of /proc/self/mountinfo (proc(5)): fields up to `-`, an unknown number of which are optional, then the file system's type, its source and its options. */
export function parseMountInfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    const [root, path, type] = [fields[3], fields[4], fields[separator + 1]];
    if (separator < 0 || root === undefined || path === undefined || type === undefined) continue;
    const options = fields[separator + 3]?.split(',') ?? [];
    mounts.push({ root: unescapeOctal(root), path: unescapeOctal(path), type, options });
  }
  return mounts;
}
