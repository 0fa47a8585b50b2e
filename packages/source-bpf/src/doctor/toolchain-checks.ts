import { type Check, fault, ok } from './check.ts';
import type { Machine } from './machine.ts';

const OLDEST_NODE = [20, 19] as const;
const INSTALL = 'apt-get install clang libbpf-dev libelf-dev zlib1g-dev g++ make';

const TOOLS = [
  { id: 'toolchain.clang', program: 'clang' },
  { id: 'toolchain.cxx', program: 'g++' },
  { id: 'toolchain.make', program: 'make' },
] as const;
const LIBBPF_HEADERS = ['/usr/include/bpf/libbpf.h', '/usr/local/include/bpf/libbpf.h'];

/** toolchain.*: Node runs it; the rest is needed only where the addon is built from source. */
export function toolchainChecks(machine: Machine, isAddonThere: boolean): Check[] {
  const severity = isAddonThere ? 'note' : 'warning';
  const missing = (id: string, what: string): Check =>
    fault(id, severity, `no ${what}: only a checkout that builds the addon needs it`, INSTALL);
  const tools = TOOLS.map(({ id, program }) => {
    const version = machine.versionOf(program);
    return version === undefined ? missing(id, program) : ok(id, version);
  });
  const headers = LIBBPF_HEADERS.find((path) => machine.refusal(path, 'read') === undefined);
  return [
    nodeCheck(machine.nodeVersion),
    ...tools,
    headers === undefined
      ? missing('toolchain.libbpf', 'libbpf headers')
      : ok('toolchain.libbpf', headers),
  ];
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  const id = 'toolchain.node';
  if (isNewEnough) return ok(id, version);
  return fault(id, 'error', version, `Take Node ${OLDEST_NODE.join('.')} or newer`);
}
