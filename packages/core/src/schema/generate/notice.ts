/** The first line of each generated file. */
export const GENERATED_NOTICE =
  '/* Generated from packages/core/src/schema by `pnpm generate`: change the tables there. */';
