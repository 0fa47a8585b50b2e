const MAX_DEPTH = 16;

/** An error and its causes, outermost first; a chain that bites its tail ends. */
export function errorChain(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let link = error;
  while (link !== undefined && link !== null && chain.length < MAX_DEPTH) {
    if (chain.includes(link)) break;
    chain.push(link);
    link = link instanceof Error ? link.cause : undefined;
  }
  return chain;
}

/** The first code of the chain that satisfies `test`. */
export function findCode(error: unknown, test: (code: string) => boolean): string | undefined {
  for (const link of errorChain(error)) {
    const code = link instanceof Error && 'code' in link ? link.code : undefined;
    if (typeof code === 'string' && test(code)) return code;
  }
  return undefined;
}
