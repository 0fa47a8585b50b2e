import { TOOLCHAINS, type ToolchainName, toolchainVersion } from './toolchain.ts';

/** Versions of what the native peers are built or run with, by name; of those that are here. For the facts of the machine. */
export function toolchainVersions(): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(TOOLCHAINS) as ToolchainName[]) {
    const version = toolchainVersion(name);
    if (version !== undefined) found[name] = version;
  }
  return found;
}
