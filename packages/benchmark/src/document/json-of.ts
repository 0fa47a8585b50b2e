/** What JSON makes of a document's types: `null` stands for `undefined`. */
export type JsonOf<T> = T extends undefined
  ? null
  : T extends string | number | boolean
    ? T
    : { readonly [K in keyof T]: JsonOf<T[K]> };
