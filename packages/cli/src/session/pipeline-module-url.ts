import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The URL of a pipeline module as it is typed: a path, or a file: URL. */
export function pipelineModuleUrl(typed: string): URL {
  return typed.startsWith('file:') ? new URL(typed) : pathToFileURL(resolve(typed));
}
