import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { filesBelow, ROOT } from '../workspace.mjs';

const DOCS_PAGE = 'docs/errors.md';

/** Error codes that only the code knows, or only the page about errors. */
export function errorCodeDifferences() {
  const inCode = codesInSources();
  const inDocs = codesInDocs();
  const findings = [];
  for (const [code, path] of inCode) {
    if (!inDocs.has(code)) findings.push(`${path}: ${code} has no row in ${DOCS_PAGE}`);
  }
  for (const [code, line] of inDocs) {
    if (!inCode.has(code)) findings.push(`${DOCS_PAGE}:${line}: no errors.ts knows ${code}`);
  }
  return findings;
}

function codesInSources() {
  const codes = new Map();
  for (const path of filesBelow('packages', (file) => /\/src\/(?:.*\/)?errors\.ts$/.test(file))) {
    const text = readFileSync(join(ROOT, path), 'utf8');
    for (const [, code] of text.matchAll(/'(ERR_SOCKFLOW_[A-Z0-9_]+)'/g)) codes.set(code, path);
  }
  return codes;
}

/** A row is a table line whose first cell is a code. */
function codesInDocs() {
  const codes = new Map();
  if (!existsSync(join(ROOT, DOCS_PAGE))) return codes;
  const lines = readFileSync(join(ROOT, DOCS_PAGE), 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    const row = /^\|\s*`(ERR_SOCKFLOW_[A-Z0-9_]+)`/.exec(line);
    if (row !== null) codes.set(row[1], index + 1);
  }
  return codes;
}
