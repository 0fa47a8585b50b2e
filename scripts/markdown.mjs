// The little of Markdown that the checks of the documentation need.

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/;

/** Fenced code blocks of a page; `line` is the line number of the first line inside the fence. */
export function codeBlocks(text) {
  const blocks = [];
  let open;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = FENCE.exec(line);
    if (open === undefined && fence !== null) {
      open = { fence: fence[2], language: fence[3], line: index + 2, lines: [] };
    } else if (open !== undefined && line.trim().startsWith(open.fence)) {
      const { language, line: firstLine, lines } = open;
      blocks.push({ language, line: firstLine, code: `${lines.join('\n')}\n` });
      open = undefined;
    } else {
      open?.lines.push(line);
    }
  }
  return blocks;
}

/** The page with the contents of code blocks, code spans and comments blanked out, line by line. */
export function withoutCode(text) {
  let fence;
  const lines = text.split('\n').map((line) => {
    const match = FENCE.exec(line);
    if (fence === undefined && match !== null) {
      fence = match[2];
      return '';
    }
    if (fence === undefined)
      return line.replaceAll(/`+[^`]*`+/g, (span) => '`'.repeat(span.length));
    if (line.trim().startsWith(fence)) fence = undefined;
    return '';
  });
  return lines
    .join('\n')
    .replaceAll(/<!--[^]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, ' '));
}

/** Anchors of a page's headings, in the form that GitHub gives them. */
export function headingAnchors(text) {
  const anchors = new Set();
  const counts = new Map();
  let fence;
  for (const line of text.split('\n')) {
    const match = FENCE.exec(line);
    if (fence !== undefined) {
      if (line.trim().startsWith(fence)) fence = undefined;
      continue;
    }
    if (match !== null) fence = match[2];
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line);
    if (heading === null) continue;
    const slug = heading[1]
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc}\s-]/gu, '')
      .replaceAll(/\s/g, '-');
    const times = counts.get(slug) ?? 0;
    counts.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  for (const [, id] of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}
