import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ConfigError } from '../errors.ts';
import { checkDefinition } from './check-definition.ts';
import { isTypeScript } from './is-type-script.ts';
import { localModules } from './local-modules.ts';
import { moduleFailure } from './module-failure.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';
import { ensureTypeStripping } from './type-stripping.ts';

/**
 * Imports a pipeline module into this thread and makes its definition: JavaScript or TypeScript, on every Node, from node_modules too.
 *
 * @throws ERR_SOCKFLOW_PIPELINE_MISSING where there is no such file; ERR_SOCKFLOW_PIPELINE_MODULE where it cannot be imported, or exports no pipeline; errors of ours that it throws (options of `file`, say) as they are.
 */
export async function loadPipeline(
  url: URL,
  params: Readonly<Record<string, unknown>>,
): Promise<PipelineDefinition> {
  requireFile(url);
  if (needsTypeStripping(url)) ensureTypeStripping();
  let namespace: Record<string, unknown>;
  try {
    namespace = (await import(url.href)) as Record<string, unknown>;
  } catch (error) {
    throw await moduleFailure(url, error);
  }
  const exported = namespace['default'];
  if (typeof exported !== 'function') return checkDefinition(url, exported);
  let made: unknown;
  try {
    made = await (exported as (params: object) => unknown)(params);
  } catch (error) {
    throw await moduleFailure(url, error);
  }
  return checkDefinition(url, made, 'what its default export returns');
}

function requireFile(url: URL): void {
  if (url.protocol !== 'file:') {
    throw new ConfigError(
      'ERR_SOCKFLOW_PIPELINE_MISSING',
      `a pipeline module is a file, not ${url.protocol} (${url.href})`,
      { details: { url: url.href, reason: 'not-a-file' }, remedy: 'give a path or a file: URL' },
    );
  }
  const path = fileURLToPath(url);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return;
  const found = stats === undefined ? 'there is no such file' : 'it is not a file';
  throw new ConfigError('ERR_SOCKFLOW_PIPELINE_MISSING', `no pipeline module ${path}: ${found}`, {
    details: { url: url.href, file: path, reason: 'not-found' },
    remedy: 'give the path of a .js, .mjs, .ts or .mts file',
  });
}

/** Looked up beforehand: Node 20 remembers a failed import, so that trying first and registering hooks after it would fail again. */
function needsTypeStripping(url: URL): boolean {
  if (isTypeScript(url.href)) return true;
  for (const module of localModules(url)) if (isTypeScript(module.url.href)) return true;
  return false;
}
