import type { BenchRun } from '../harness/bench-case.ts';
import { withC } from '../harness/c-program.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import type { PeerProgram } from '../harness/peer-program.ts';
import {
  fixtureRecording,
  generatedRecording,
  type RecordingInput,
} from '../harness/recording-input.ts';

export interface AgainstFilesOptions {
  /** Of `sinks/INPUT/NAME/c`, the rows that there are only with C. */
  readonly names: readonly string[];
  /** What both sides write, bytes. */
  readonly outputBytes: (input: RecordingInput) => number;
  readonly compare: (input: RecordingInput, folder: string, c: PeerProgram) => Promise<void>;
}

/** Compares with bench/c/files.c, the generated recording and then the real one, with a folder for what is written. */
export async function againstFiles(
  bench: BenchRun,
  { names, outputBytes, compare }: AgainstFilesOptions,
): Promise<void> {
  for (const input of [await generatedRecording(bench), fixtureRecording()]) {
    const rows = names.map((name) => `sinks/${input.name}/${name}/c`);
    await withC(bench, { program: 'files', libraries: ['z'], rows }, async (c) => {
      if (c === undefined) return;
      await withOutputFolder(outputBytes(input), (folder) => compare(input, folder, c));
    });
  }
}
