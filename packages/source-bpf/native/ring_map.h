#ifndef SOCKFLOW_NATIVE_RING_MAP_H_
#define SOCKFLOW_NATIVE_RING_MAP_H_

#include <napi.h>

#include <cstddef>

namespace sockflow {

// JS thread only. Maps `bytes` of a BPF map and hands them over as a SharedArrayBuffer, which keeps
// them mapped for as long as any thread holds it. Throws Failure of step `map`.
Napi::Value MapShared(Napi::Env env, int fd, size_t offset, size_t bytes, bool is_writable);

// JS thread only. NativeRing of binding-types.ts.
Napi::Object MapRing(Napi::Env env, int ring_fd, size_t capacity_bytes);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_RING_MAP_H_
