import type { Pass } from '@sockflow/benchmark';

import type { BenchRun } from '../../harness/bench-case.ts';
import { cPass } from '../../harness/c-pass.ts';
import { compileC, whyNoCompiler } from '../../harness/c-program.ts';
import { PeerProgram } from '../../harness/peer-program.ts';
import type { HeldInput } from './held-input.ts';

/** The loops of bench/c/sweep.c over the same slots. */
export class SweepPeer {
  readonly #program: PeerProgram;

  private constructor(program: PeerProgram) {
    this.#program = program;
  }

  /** `undefined`, and said so, where there is no compiler. */
  static async open(bench: BenchRun, id: string, input: HeldInput): Promise<SweepPeer | undefined> {
    const missing = whyNoCompiler();
    if (missing !== undefined) {
      bench.leftOut(`${id}/c`, missing);
      return undefined;
    }
    const program = new PeerProgram(compileC('sweep'));
    await program.ask(`load ${input.slotsPath} ${input.times}`);
    return new SweepPeer(program);
  }

  /** The answer of a command: how many survived, and the checksum. */
  pass(command: string): Promise<Pass> {
    return cPass(this.#program, command);
  }

  close(): void {
    this.#program.close();
  }
}
