#ifndef SOCKFLOW_NATIVE_CLOCKS_H_
#define SOCKFLOW_NATIVE_CLOCKS_H_

#include <linux/types.h>

namespace sockflow {

// NativeClocks of binding-types.ts.
struct Clocks {
  __u64 boot_ns;
  __u64 realtime_ns;
  __u64 monotonic_ns;
  __u64 uncertainty_ns;
  // Resolution of the coarse clocks: 1 s / HZ.
  __u64 tick_ns;
};

// Any thread. Reads the three clocks between two readings of one, a few times, and takes the
// closest.
Clocks ReadClocks();

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_CLOCKS_H_
