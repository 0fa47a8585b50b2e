export { BENCH_SCHEMA } from './bench-document.ts';
export type {
  Axis,
  BenchDocument,
  CaseLoad,
  LeftOut,
  Load,
  Machine,
  Plot,
  Point,
  Series,
} from './bench-document.ts';
export type { BaselineKind, CaseResult, MedianInterval } from './case-result.ts';
export { budgetVerdict } from './budget-verdict.ts';
export type { BudgetVerdict } from './budget-verdict.ts';
export type { BenchChanges, MissingRow, RatioChange } from './compare/bench-changes.ts';
export { changesText } from './compare/changes-text.ts';
export { compareDocuments, DEFAULT_TOLERANCE_RATIO } from './compare/compare-documents.ts';
export type { CompareDocumentsOptions } from './compare/compare-documents.ts';
export { compareSides } from './compare-sides.ts';
export type { Baseline, Compared, CompareOptions } from './compare-sides.ts';
export { comparison } from './comparison.ts';
export type { ComparisonOptions } from './comparison.ts';
export { BenchDocumentError } from './document/bench-document-error.ts';
export { benchDocumentText } from './document/bench-document-text.ts';
export { readBenchDocument } from './document/read-bench-document.ts';
export { figure } from './figure.ts';
export type { FigureOptions } from './figure.ts';
export { htmlReport } from './html-report/html-report.ts';
export { LoadWatch } from './load/load-watch.ts';
export { machineFacts } from './machine-facts.ts';
export { median, medianInterval } from './median.ts';
export { readableUnit } from './readable-unit.ts';
export type { ReadableUnit } from './readable-unit.ts';
export { smokeNotice } from './smoke-notice.ts';
export { summaryLines } from './summary-lines.ts';
export { timed, timedAsync } from './pass.ts';
export type { Pass } from './pass.ts';
export { resultLine, shortNumber, tableHead } from './result-table.ts';
