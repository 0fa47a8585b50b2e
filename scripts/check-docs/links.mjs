import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { headingAnchors, withoutCode } from '../markdown.mjs';
import { ROOT } from '../workspace.mjs';

const INLINE_LINK = /\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const LINK_DEFINITION = /^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?\s*$/gm;

/** Relative links of a page that lead nowhere: a missing file, or a heading that is not there. */
export function brokenLinks({ path, text }) {
  const prose = withoutCode(text);
  const findings = [];
  for (const pattern of [INLINE_LINK, LINK_DEFINITION]) {
    for (const match of prose.matchAll(pattern)) {
      const problem = problemOf(match[1], path, text);
      const line = prose.slice(0, match.index).split('\n').length;
      if (problem !== undefined) findings.push(`${path}:${line}: link '${match[1]}': ${problem}`);
    }
  }
  return findings;
}

function problemOf(target, path, text) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined;
  const [file, anchor] = target.split('#');
  const targetPath = file === '' ? path : normalize(join(dirname(path), decodeURI(file)));
  if (targetPath.startsWith('..')) return 'leads out of the repository';
  const absolutePath = join(ROOT, targetPath);
  if (!existsSync(absolutePath)) return `no such file: ${targetPath}`;
  if (anchor === undefined || anchor === '' || !targetPath.endsWith('.md')) return undefined;
  if (statSync(absolutePath).isDirectory()) return undefined;
  const targetText = file === '' ? text : readFileSync(absolutePath, 'utf8');
  return headingAnchors(targetText).has(anchor) ? undefined : `no heading '#${anchor}'`;
}
