// Keeps the documentation true: every ```ts block compiles against the built packages, every error
// code has its row in docs/errors.md and the other way round, every relative link leads somewhere.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { compileErrors } from './check-docs/compile-blocks.mjs';
import { errorCodeDifferences } from './check-docs/error-codes.mjs';
import { brokenLinks } from './check-docs/links.mjs';
import { codeBlocks } from './markdown.mjs';
import { filesBelow, ROOT, rootMarkdown } from './workspace.mjs';

const README_MAX_LINES = 150;

function isMarkdown(path) {
  return path.endsWith('.md');
}

const pages = [
  ...rootMarkdown(),
  ...['docs', 'packages', 'bench', 'e2e', 'examples', 'fixtures'].flatMap((folder) =>
    filesBelow(folder, isMarkdown),
  ),
].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const blocks = pages
  .filter(({ path }) => path.startsWith('docs/') || path.endsWith('README.md'))
  .flatMap((page) => codeBlocks(page.text).map((block) => ({ ...block, path: page.path })))
  .filter(({ language }) => language === 'ts');

const findings = [
  ...compileErrors(blocks),
  ...errorCodeDifferences(),
  ...pages.flatMap((page) => brokenLinks(page)),
];
const readme = pages.find(({ path }) => path === 'README.md');
const readmeLines = readme?.text.trimEnd().split('\n').length ?? 0;
if (readmeLines > README_MAX_LINES) {
  findings.push(`README.md: ${readmeLines} lines, at most ${README_MAX_LINES}`);
}

for (const finding of findings) console.log(finding);
console.log(`${pages.length} pages, ${blocks.length} code blocks, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
