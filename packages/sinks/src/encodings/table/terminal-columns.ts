import { isatty, WriteStream } from 'node:tty';

/** How many columns the terminal behind a standard stream has, asked in any thread; `undefined` where there is no terminal. */
export function terminalColumns(fd: 1 | 2): number | undefined {
  if (!isatty(fd)) return undefined;
  // In a worker process.stdout is no terminal. Destroying this closes nothing: Node leaves the standard streams open.
  const stream = new WriteStream(fd);
  const { columns } = stream;
  stream.destroy();
  return columns > 0 ? columns : undefined;
}
