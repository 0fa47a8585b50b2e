#ifndef SOCKFLOW_NATIVE_RING_POLL_H_
#define SOCKFLOW_NATIVE_RING_POLL_H_

#include <napi.h>

namespace sockflow {

// RingPoll of binding-types.ts: a ring's descriptor on the event loop of the thread that made it.
class RingPoll : public Napi::ObjectWrap<RingPoll> {
 public:
  // JS thread only, all of them.
  static Napi::Function Define(Napi::Env env);
  // (fd: number)
  explicit RingPoll(const Napi::CallbackInfo& info);
  ~RingPoll() override;

 private:
  class Handle;

  void Start(const Napi::CallbackInfo& info);
  void Stop(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  // OWNERSHIP: its own, since it ends only in a later turn of the loop. VALID UNTIL Handle::Close.
  Handle* handle_ = nullptr;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_RING_POLL_H_
