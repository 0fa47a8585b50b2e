import { fileURLToPath } from 'node:url';

import { ConfigError, isSockflowError } from '../errors.ts';
import { localModules } from './local-modules.ts';
import { ownPlace } from './own-place.ts';
import { stripTypes, type SyntaxFault } from './strip-types.ts';
import { withOwnPlace } from './with-own-place.ts';

/** What went wrong, by whom it is mended. */
type Reason = 'import-not-found' | 'not-a-module' | 'syntax' | 'threw';

interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * The one error for a module that could not be imported, or that threw before any event: with the place, and what to do. An error of ours that it threw stays what
 * it is.
 */
export async function moduleFailure(
  url: URL,
  cause: unknown,
  during = 'while it was loaded',
): Promise<Error> {
  if (isSockflowError(cause)) return withOwnPlace(url, cause);
  const path = fileURLToPath(url);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (isMissingImport(cause)) {
    return failure(
      url,
      'import-not-found',
      `the pipeline module ${path} imports what is not there: ${text}`,
      {
        cause,
        remedy:
          'install the package, or mend the path; relative imports carry their file extension',
      },
    );
  }
  if (isUnknownExtension(cause)) {
    return failure(url, 'not-a-module', `${path} is no module: Node loads .js, .mjs, .ts, .mts`, {
      cause,
      remedy: 'give the path of a .js, .mjs, .ts or .mts file',
    });
  }
  if (cause instanceof SyntaxError) return syntaxFailure(url, cause);
  // A library's line is told only where none of the user's own is known.
  const place = ownPlace(url, cause) ?? placeInStack(cause);
  const where = place === undefined ? path : `${place.file}:${place.line}`;
  return failure(url, 'threw', `the pipeline module threw ${during}, at ${where}: ${text}`, {
    cause,
    ...(place === undefined ? {} : { place: { file: place.file, line: place.line } }),
    remedy: 'mend what it does before any event',
  });
}

function failure(
  url: URL,
  reason: Reason,
  message: string,
  options: { cause: unknown; remedy: string; place?: Place },
): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_PIPELINE_MODULE', message, {
    details: { url: url.href, reason, ...options.place },
    remedy: options.remedy,
    cause: options.cause,
  });
}

async function syntaxFailure(url: URL, cause: SyntaxError): Promise<ConfigError> {
  const missing = /does not provide an export named '([^']+)'/.exec(cause.message);
  if (missing !== null) {
    // Node puts the place before the stack: `file:///a.mjs:2`, the line, a marker.
    const place = placeInStack(cause);
    const where = place === undefined ? fileURLToPath(url) : `${place.file}:${place.line}`;
    return failure(url, 'import-not-found', `${where}: ${cause.message}`, {
      cause,
      ...(place === undefined ? {} : { place }),
      remedy: `mend the name; if '${missing[1]}' is a type, import it by 'import type'`,
    });
  }
  const fault = await findSyntaxFault(url);
  const where =
    fault === undefined ? fileURLToPath(url) : `${fault.file}:${fault.line}:${fault.column}`;
  return failure(url, 'syntax', `syntax error at ${where}: ${fault?.message ?? cause.message}`, {
    cause,
    ...(fault === undefined ? {} : { place: { file: fault.file, line: fault.line } }),
    remedy: 'mend the syntax there',
  });
}

/** V8's syntax errors hide their place from programs: the modules are parsed once more to find it. */
async function findSyntaxFault(
  url: URL,
): Promise<(SyntaxFault & { readonly file: string }) | undefined> {
  for (const module of localModules(url)) {
    const file = fileURLToPath(module.url);
    const { fault } = await stripTypes(module.source, file);
    if (fault !== undefined) return { ...fault, file };
  }
  return undefined;
}

function isMissingImport(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  return (
    cause.code === 'ERR_MODULE_NOT_FOUND' ||
    cause.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ||
    cause.code === 'ERR_UNSUPPORTED_DIR_IMPORT'
  );
}

function isUnknownExtension(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_UNKNOWN_FILE_EXTENSION';
}

function placeInStack(cause: unknown): Place | undefined {
  const stack = cause instanceof Error ? cause.stack : undefined;
  const match = /(file:\/\/[^\s?#):]+)(?:\?[^\s:)]*)?:(\d+)/.exec(stack ?? '');
  if (match?.[1] === undefined) return undefined;
  return { file: fileURLToPath(match[1]), line: Number(match[2]) };
}
