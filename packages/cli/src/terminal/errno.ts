const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'no space is left',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
};

/** The errno name of a system error: `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** A system error in words, without the call and the path that Node puts into its message. */
export function explainErrno(error: unknown): string {
  const text = TEXTS[errnoOf(error) ?? ''];
  return text ?? (error instanceof Error ? error.message : String(error));
}
