import type { Pass } from '@sockflow/benchmark';

import type { BenchRun } from '../../harness/bench-case.ts';
import { cPass } from '../../harness/c-pass.ts';
import { withC } from '../../harness/c-program.ts';
import type { PeerProgram } from '../../harness/peer-program.ts';
import type { HeldInput } from './held-input.ts';

/** `plain`: one slot after another; `four`: four slots a turn, as an expert writes it. */
export type SweepWay = 'plain' | 'four';

/** The loops of bench/c/sweep.c over the same slots. */
export class SweepPeer {
  readonly #program: PeerProgram;

  private constructor(program: PeerProgram) {
    this.#program = program;
  }

  /** Calls `use` with it, or, said so, without one where there is no compiler; ends it. */
  static with<T>(
    bench: BenchRun,
    id: string,
    input: HeldInput,
    use: (peer: SweepPeer | undefined) => Promise<T>,
  ): Promise<T> {
    const rows = [`${id}/c`, `${id}/c-four`];
    return withC(bench, { program: 'sweep', rows }, async (program) => {
      await program?.ask(`load ${input.slotsPath} ${input.times}`);
      return use(program && new SweepPeer(program));
    });
  }

  /** The answer of a command: how many survived, and the checksum. */
  pass(command: string, way: SweepWay): Promise<Pass> {
    return cPass(this.#program, `${command} ${way}`);
  }
}
