#include "clocks.h"

#include <time.h>

namespace sockflow {

namespace {

constexpr int kReadings = 8;

__u64 Read(clockid_t clock) {
  struct timespec time = {};
  clock_gettime(clock, &time);
  return static_cast<__u64>(time.tv_sec) * 1000000000ULL + static_cast<__u64>(time.tv_nsec);
}

__u64 TickNs() {
  struct timespec resolution = {};
  clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
  return static_cast<__u64>(resolution.tv_sec) * 1000000000ULL +
         static_cast<__u64>(resolution.tv_nsec);
}

Clocks ReadOnce() {
  const __u64 start_ns = Read(CLOCK_BOOTTIME);
  const __u64 realtime_ns = Read(CLOCK_REALTIME);
  const __u64 monotonic_ns = Read(CLOCK_MONOTONIC);
  const __u64 end_ns = Read(CLOCK_BOOTTIME);
  return {start_ns + (end_ns - start_ns) / 2, realtime_ns, monotonic_ns, end_ns - start_ns,
          TickNs()};
}

}  // namespace

Clocks ReadClocks() {
  Clocks closest = ReadOnce();
  for (int i = 1; i < kReadings; i++) {
    const Clocks clocks = ReadOnce();
    if (clocks.uncertainty_ns < closest.uncertainty_ns) closest = clocks;
  }
  return closest;
}

}  // namespace sockflow
