import { pathToFileURL } from 'node:url';

/** The URL of a pipeline module: a URL as it is, anything else is a path, relative to the working directory. */
export function pipelineUrl(pipeline: string | URL): URL {
  if (pipeline instanceof URL) return pipeline;
  // Two letters at least: `C:\…` is a path.
  if (/^[a-z][a-z+.-]+:/i.test(pipeline)) return new URL(pipeline);
  return pathToFileURL(pipeline);
}
