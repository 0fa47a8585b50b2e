/** One system call of a traced process: `start` and `end` are places in the order of all of them, over all threads. */
export interface SystemCall {
  readonly name: string;
  /** The arguments, descriptors with their paths: `23</tmp/out.ndjson.part>, ...`. */
  readonly args: string;
  readonly start: number;
  readonly end: number;
  readonly isOk: boolean;
}

/** Reads what `strace -f -y -o` wrote. Calls that never returned are left out. */
export function readSystemCalls(log: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const begun = new Map<string, { name: string; args: string; start: number }>();
  for (const [index, line] of log.split('\n').entries()) {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const unfinished = /^(\w+)\((.*) <unfinished \.\.\.>$/.exec(rest);
    if (unfinished !== null) {
      const [, name = '', args = ''] = unfinished;
      begun.set(pid, { name, args, start: index });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)\)\s+= (-?\d+)/.exec(rest);
    const call = resumed === null ? undefined : begun.get(pid);
    if (call !== undefined) {
      const [, args = '', result = ''] = resumed ?? [];
      calls.push({ ...call, args: call.args + args, end: index, isOk: !result.startsWith('-') });
      continue;
    }
    const whole = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(rest);
    if (whole === null) continue;
    const [, name = '', args = '', result = ''] = whole;
    calls.push({ name, args, start: index, end: index, isOk: !result.startsWith('-') });
  }
  return calls;
}

/** The path of the descriptor that a call is about. */
export function descriptorPath({ args }: SystemCall): string {
  return /^\d+<([^>]*)>/.exec(args)?.[1] ?? '';
}
