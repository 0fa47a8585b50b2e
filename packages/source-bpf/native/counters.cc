#include "counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <vector>

#include "failure.h"

namespace sockflow {

namespace {

// All of the struct is u64 words that add up.
constexpr size_t kWords = sizeof(sockflow_counters) / sizeof(__u64);
static_assert(sizeof(sockflow_counters) % sizeof(__u64) == 0, "counters are words");

}  // namespace

LaneCounters ReadCounters(const KernelObject& object, __u32 lane) {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) throw Failure("map", "libbpf_num_possible_cpus", -cpus, "count the CPUs");
  std::vector<sockflow_counters> of_cpus(static_cast<size_t>(cpus));
  LaneCounters counters = {};
  if (bpf_map_lookup_elem(object.MapFd("counters"), &lane, of_cpus.data()) != 0 ||
      bpf_map_lookup_elem_flags(object.MapFd("gaps"), &lane, &counters.gap, BPF_F_LOCK) != 0) {
    throw Failure("map", "bpf_map_lookup_elem", errno, "counters of lane " + std::to_string(lane));
  }
  auto* sums = reinterpret_cast<__u64*>(&counters.sums);
  for (const sockflow_counters& of_cpu : of_cpus) {
    const auto* words = reinterpret_cast<const __u64*>(&of_cpu);
    for (size_t i = 0; i < kWords; i++) sums[i] += words[i];
  }
  return counters;
}

}  // namespace sockflow
