import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { KernelError } from '../errors.ts';
import type { NativeBinding } from './binding-types.ts';

/** The addon and the kernel programs that belong to it. */
export interface LoadedBinding {
  readonly binding: NativeBinding;
  /** Path of the compiled object: {@link NativeBinding.openSource} opens it. */
  readonly objectPath: string;
}

/** Where things are looked for: given by tests only. */
export interface LoadBindingOptions {
  readonly platform?: string;
  readonly arch?: string;
  readonly require?: NodeJS.Require;
}

const PLATFORM_PACKAGE = '@sockflow/source-bpf-linux-x64';
const BUILD_HINT =
  'In a checkout, `npm run build` makes it where clang, g++ and libbpf are installed (packages/source-bpf/README.md).';

/**
 * Loads the addon from the platform package, in whichever thread asks: the one way for users and for the workspace.
 *
 * @throws ERR_SOCKFLOW_KERNEL_ADDON where it is not installed, of another version, or cannot be loaded
 */
export function loadBinding(options: LoadBindingOptions = {}): LoadedBinding {
  const { platform = process.platform, arch = process.arch } = options;
  if (platform !== 'linux' || arch !== 'x64') {
    throw addonError(`expected Linux on x64, found ${platform} on ${arch}`, {
      remedy: 'The kernel is a source on Linux x64 only; recordings replay everywhere.',
    });
  }
  const require = options.require ?? createRequire(import.meta.url);
  const addonPath = resolve(require, 'sockflow_bpf.node');
  const objectPath = resolve(require, 'sockflow.bpf.o');
  const binding = load(require, addonPath);
  const expected = ownVersion();
  if (binding.version !== expected) {
    throw addonError(`expected addon version ${expected}, found ${binding.version}`, {
      path: addonPath,
      remedy: `Install ${PLATFORM_PACKAGE}@${expected}; in a checkout run \`npm run build\`.`,
    });
  }
  return { binding, objectPath };
}

function resolve(require: NodeJS.Require, file: string): string {
  try {
    return require.resolve(`${PLATFORM_PACKAGE}/${file}`);
  } catch (error) {
    throw addonError(`expected ${PLATFORM_PACKAGE}/${file} to be installed, found none`, {
      cause: error,
      remedy: `Install ${PLATFORM_PACKAGE}, an optional dependency that this install left out. ${BUILD_HINT}`,
    });
  }
}

function load(require: NodeJS.Require, path: string): NativeBinding {
  try {
    return require(path) as NativeBinding;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw addonError(`expected to load the addon, found: ${reason}`, {
      path,
      cause: error,
      remedy: `It needs glibc 2.35 (Debian 12, Ubuntu 22.04) and Node 20.19, or newer. ${BUILD_HINT}`,
    });
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function addonError(
  message: string,
  { path, cause, remedy }: { path?: string; cause?: unknown; remedy: string },
): KernelError {
  return new KernelError('ERR_SOCKFLOW_KERNEL_ADDON', message, {
    details: path === undefined ? {} : { path },
    remedy,
    cause,
  });
}
