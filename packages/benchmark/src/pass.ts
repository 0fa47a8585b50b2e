/** One pass: how long it took, and what it found, which must be the same on all sides. */
export interface Pass {
  readonly ns: number;
  readonly answer: string;
}

/** Times a synchronous pass. */
export function timed(run: () => string): Pass {
  const start = process.hrtime.bigint();
  const answer = run();
  return { ns: Number(process.hrtime.bigint() - start), answer };
}

/** Times an asynchronous pass. */
export async function timedAsync(run: () => Promise<string>): Promise<Pass> {
  const start = process.hrtime.bigint();
  const answer = await run();
  return { ns: Number(process.hrtime.bigint() - start), answer };
}
