// Builds the compiled half of @sockflow/source-bpf (kernel programs and addon) where the toolchain is
// there. Where it is not, everything else works without it: says so in one line and is done. With
// SOCKFLOW_REQUIRE=all it fails instead.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { ROOT } from './workspace.mjs';

const APT_LINE = 'apt-get install -y clang llvm libbpf-dev libelf-dev zlib1g-dev g++ make';
const TOOLS = ['clang', 'llvm-strip', 'g++', 'make'];
const HEADERS = ['bpf/libbpf.h', 'libelf.h', 'zlib.h'];
const INCLUDE_DIRS = ['/usr/include', '/usr/local/include'];
const PACKAGE_DIR = join(ROOT, 'packages', 'source-bpf');

function missing() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return [`Linux on x64 (this is ${process.platform} on ${process.arch})`];
  }
  const dirs = (process.env.PATH ?? '').split(delimiter);
  const tools = TOOLS.filter((tool) => !dirs.some((dir) => existsSync(join(dir, tool))));
  const headers = HEADERS.filter(
    (header) => !INCLUDE_DIRS.some((dir) => existsSync(join(dir, header))),
  );
  return [...tools, ...headers];
}

function build() {
  const make = spawnSync('make', ['--silent', '-j2', '-C', PACKAGE_DIR, 'all', 'test-tools'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (make.status === 0) return;
  process.stderr.write(make.stdout + make.stderr);
  console.error('the kernel programs and the addon of @sockflow/source-bpf could not be built');
  process.exitCode = 1;
}

const lacks = missing();
if (lacks.length === 0) {
  build();
} else {
  console.log(
    `live events are not built: missing ${lacks.join(', ')} (on Debian: ${APT_LINE}); everything else works`,
  );
  if (process.env.SOCKFLOW_REQUIRE === 'all') process.exitCode = 1;
}
