import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const IMPORT_SPECIFIER =
  /(?:^|[\s;}])(?:import|export)\s*(?:[\w$\s{},*]+?\s*from\s*)?\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;
const MOST_MODULES = 500;

/** A module of the user's and its text. */
export interface LocalModule {
  readonly url: URL;
  readonly source: string;
}

/**
 * The modules that an entry reaches by relative imports, itself first. Found by their import statements, without running or fully parsing them: good enough to
 * know whether TypeScript is among them and which one does not parse.
 */
export function* localModules(entry: URL): Generator<LocalModule> {
  const pending = [entry];
  const seen = new Set<string>();
  for (let url = pending.shift(); url !== undefined; url = pending.shift()) {
    if (seen.has(url.href) || seen.size === MOST_MODULES) continue;
    seen.add(url.href);
    const source = tryRead(url);
    if (source === undefined) continue;
    yield { url, source };
    for (const match of source.matchAll(IMPORT_SPECIFIER)) {
      const specifier = match[2] ?? '';
      pending.push(new URL(specifier, url));
      // What TypeScript names by its compiled name.
      if (/\.m?js$/.test(specifier)) pending.push(new URL(specifier.replace(/js$/, 'ts'), url));
    }
  }
}

function tryRead(url: URL): string | undefined {
  if (!/\.m?[jt]s$/.test(url.pathname)) return undefined;
  try {
    return readFileSync(fileURLToPath(url), 'utf8');
  } catch {
    return undefined;
  }
}
