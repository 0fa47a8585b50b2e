// What Debian's libbpf.a and libelf.a need in order to be linked into a shared library. They are
// compiled for programs (position-independent executables), and two places of theirs assume one:
//
//   libelf.a  elf_error.o keeps its error in a thread-local variable of the local-exec model
//   libbpf.a  libbpf.o addresses the C library's `stderr` directly, as if it lay in the program
//
// The linker takes the definitions below, which are hidden, and never opens elf_error.o.
#include <dlfcn.h>

namespace {

thread_local int last_elf_error = 0;

}  // namespace

extern "C" {

// Any thread, all of them.

// Called by libelf.
void __libelf_seterrno(int value) { last_elf_error = value; }

int elf_errno() {
  const int value = last_elf_error;
  last_elf_error = 0;
  return value;
}

// Called by libbpf, for its warnings.
const char* elf_errmsg(int /*error*/) { return "no ELF object that can be read"; }

// A copy of the C library's pointer, taken before libbpf can want it. Not declared by way of
// <cstdio>: that one is imported, this one must not be.
void* stderr = nullptr;

__attribute__((constructor)) static void CopyStderr() {
  void* const original = dlsym(RTLD_NEXT, "stderr");
  if (original != nullptr) stderr = *static_cast<void**>(original);
}

}  // extern "C"
