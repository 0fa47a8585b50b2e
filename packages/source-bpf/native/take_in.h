#ifndef SOCKFLOW_NATIVE_TAKE_IN_H_
#define SOCKFLOW_NATIVE_TAKE_IN_H_

#include <linux/types.h>

#include <string>
#include <vector>

#include "object.h"

namespace sockflow {

// The object's thread, all of them; they throw Failure of step `iterate`.

// Runs sockflow_take_in in a network namespace (its file; empty: that of this thread). Returns how
// many sockets the program took in.
__u64 TakeIn(const KernelObject& object, const std::string& netns_path);

// What could be done.
struct Flushed {
  bool summaries;
  bool flags;
};

// After Detach: runs sockflow_flush, then sockflow_release in this thread's network namespace and
// in those given, unless flags are to be kept. A namespace that is gone or cannot be entered leaves
// `flags` false.
Flushed Flush(const KernelObject& object, const std::vector<std::string>& netns_paths,
              bool keeps_flags);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_TAKE_IN_H_
