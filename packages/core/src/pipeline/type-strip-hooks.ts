/*
 * Module hooks that let a thread import TypeScript: registered by type-stripping.ts, they run on that thread's hooks thread.
 * A `.ts` or `.mts` file is always an ES module, inside node_modules too; its relative imports name the file (`./a.ts`) or, as TypeScript also allows, what it
 * would be compiled to (`./a.js`).
 */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';

import { isTypeScript } from './is-type-script.ts';
import { stripTypes } from './strip-types.ts';

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    const source = sourceOf(specifier);
    if (source === undefined || !isTypeScript(context.parentURL)) throw error;
    return nextResolve(source, context);
  }
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith('file:') || !isTypeScript(url)) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const stripped = await stripTypes(await readFile(path, 'utf8'), path);
  if (stripped.fault !== undefined) {
    const { message, line, column } = stripped.fault;
    throw new SyntaxError(`${path}:${line}:${column}: ${message}`);
  }
  return { format: 'module', source: stripped.code, shortCircuit: true };
};

function sourceOf(specifier: string): string | undefined {
  if (!/^\.{0,2}\/.*\.m?js$/.test(specifier)) return undefined;
  return specifier.replace(/js$/, 'ts');
}
