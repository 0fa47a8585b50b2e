import { type BenchCase, SUITE_NAMES } from './bench-case.ts';

/** Those of a list that are asked for, in the list's order. */
export interface Selected {
  readonly cases: readonly BenchCase[];
  /** Names that are neither a suite's nor a case's. */
  readonly unknown: readonly string[];
}

/** @param names `SUITE` or `SUITE/CASE`; none: all */
export function selectCases(all: readonly BenchCase[], names: readonly string[]): Selected {
  const isNamed = ({ suite, name }: BenchCase, asked: string): boolean =>
    asked === suite || asked === `${suite}/${name}`;
  return {
    cases: all.filter((one) => names.length === 0 || names.some((name) => isNamed(one, name))),
    unknown: names.filter((name) => !all.some((one) => isNamed(one, name))),
  };
}

/** A line for each case, by suite. */
export function listOfCases(all: readonly BenchCase[]): string {
  const width = Math.max(...all.map(({ suite, name }) => suite.length + name.length)) + 3;
  const lines: string[] = [];
  for (const suite of SUITE_NAMES) {
    for (const one of all.filter((other) => other.suite === suite))
      lines.push(`${`${suite}/${one.name}`.padEnd(width)}${one.says}`);
  }
  return lines.join('\n');
}
