#ifndef SOCKFLOW_NATIVE_KFUNCS_H_
#define SOCKFLOW_NATIVE_KFUNCS_H_

#include <string>

struct bpf_program;

namespace sockflow {

// Puts the ids of the kernel's functions into a program that calls them by placeholders
// (SOCKFLOW_KFUNC_* of sockflow_source.h; why: bpf/tstamp.h). After opening its object, before
// loading it; any thread. Throws a Failure of step `load` where the kernel lacks one.
void ResolveKfuncs(bpf_program* program, const std::string& btf_path);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_KFUNCS_H_
