import { diagnose } from '@sockflow/source-bpf';
import { Option } from 'commander';

import type { CommandModule } from '../command.ts';
import { renderDiagnosis } from '../doctor/render-diagnosis.ts';
import { ExitCode } from '../exit-code.ts';
import { jsonOption } from '../options/common-options.ts';
import { writeJson } from '../terminal/json-text.ts';

interface DoctorOptions {
  readonly cgroup?: string;
  readonly output?: string;
  readonly json?: true;
}

/** What the JSON calls its own form; a change that breaks its readers changes it. */
const JSON_SCHEMA = 'sockflow-doctor/1';

/** `sockflow doctor`: whether live capture works here, and what to do where not. */
export const doctorCommand: CommandModule = {
  name: 'doctor',
  summary: 'say whether live capture works on this machine, and what to do where not',
  description:
    'Looks at the kernel, BTF, cgroup2, capabilities, lockdown, JIT, clocks, what the kernel lets programs do (by loading tiny ones), other sock_ops programs, the toolchain and the room for output. Changes nothing, needs no root, and runs on any system. Exits with 0 where live capture works, with 1 where not.',
  arguments: [],
  options: [
    new Option('--cgroup <path>', 'the cgroup to observe; auto is the root of cgroup2').default(
      'auto',
    ),
    new Option('--output <path>', 'a recording that is to be written: checks its folder'),
    jsonOption('diagnosis'),
  ],
  examples: [
    { line: 'sockflow doctor', says: 'look at this machine' },
    {
      line: `sockflow doctor --json | jq '.checks[] | select(.severity == "error")'`,
      says: 'what keeps live capture from working, for programs',
    },
  ],
  run(context, _args, values) {
    const { cgroup, output, json } = values as unknown as DoctorOptions;
    const diagnosis = diagnose({
      ...(cgroup === undefined ? {} : { cgroup }),
      ...(output === undefined ? {} : { output }),
    });
    if (json === true) writeJson(context.out, { schema: JSON_SCHEMA, ...diagnosis });
    else context.out.line(renderDiagnosis(context.out, diagnosis));
    return Promise.resolve(diagnosis.canCapture ? ExitCode.OK : ExitCode.FAILED);
  },
};
