#ifndef SOCKFLOW_NATIVE_COUNTERS_H_
#define SOCKFLOW_NATIVE_COUNTERS_H_

#include "object.h"
#include "shared.h"

namespace sockflow {

// One lane's counters, summed over the CPUs.
struct LaneCounters {
  sockflow_counters sums;
  sockflow_gap gap;
};

// The object's thread. Throws Failure.
LaneCounters ReadCounters(const KernelObject& object, __u32 lane);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_COUNTERS_H_
