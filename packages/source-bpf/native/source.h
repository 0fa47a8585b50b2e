#ifndef SOCKFLOW_NATIVE_SOURCE_H_
#define SOCKFLOW_NATIVE_SOURCE_H_

#include <napi.h>

#include <memory>

#include "object.h"
#include "unique_fd.h"

namespace sockflow {

// NativeSource of binding-types.ts.
class Source : public Napi::ObjectWrap<Source> {
 public:
  // JS thread only, all of them.
  static Napi::Function Define(Napi::Env env);
  // (config: NativeConfig)
  explicit Source(const Napi::CallbackInfo& info);

 private:
  Napi::Value Features(const Napi::CallbackInfo& info);
  Napi::Value Captured(const Napi::CallbackInfo& info);
  void Attach(const Napi::CallbackInfo& info);
  Napi::Value RingFd(const Napi::CallbackInfo& info);
  Napi::Value MapRing(const Napi::CallbackInfo& info);
  Napi::Value LaneWords(const Napi::CallbackInfo& info);
  Napi::Value TakeIn(const Napi::CallbackInfo& info);
  void Detach(const Napi::CallbackInfo& info);
  Napi::Value Flush(const Napi::CallbackInfo& info);
  Napi::Value Counters(const Napi::CallbackInfo& info);
  Napi::Value RunStats(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  // Throws Failure of step `closed`.
  KernelObject& Open();
  __u32 LaneOf(const Napi::CallbackInfo& info);

  // OWNERSHIP: closed by Close, by the collector, or with the environment, whichever is first.
  std::unique_ptr<KernelObject> object_;
  // Holds the kernel's counting of run times on, once it was asked for.
  UniqueFd stats_fd_;
  __u32 features_ = 0;
  __u64 captured_ = 0;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_SOURCE_H_
