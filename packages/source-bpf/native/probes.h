#ifndef SOCKFLOW_NATIVE_PROBES_H_
#define SOCKFLOW_NATIVE_PROBES_H_

#include <linux/types.h>

#include <string>
#include <vector>

namespace sockflow {

// NativeProbe of binding-types.ts.
struct Probe {
  const char* id;
  // 0 where it works.
  int error_number;
};

// NativeProbes of binding-types.ts.
struct Probes {
  std::vector<Probe> probes;
  // SOCKFLOW_CAN_*.
  __u32 features;
};

// Any thread. Finds what works here by doing it: loads tiny programs, makes tiny maps. An empty
// path: the kernel's own BTF.
Probes RunProbes(const std::string& btf_path);

// Any thread. Which SOCKFLOW_HAS_* a program with these features can read.
__u64 CapturedBy(__u32 features);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_PROBES_H_
