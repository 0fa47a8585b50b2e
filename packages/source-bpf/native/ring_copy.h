#ifndef SOCKFLOW_NATIVE_RING_COPY_H_
#define SOCKFLOW_NATIVE_RING_COPY_H_

#include <napi.h>

#include <memory>

namespace sockflow {

class RingCopier;

// RingCopy of binding-types.ts.
class RingCopy : public Napi::ObjectWrap<RingCopy> {
 public:
  // JS thread only, all of them.
  static Napi::Function Define(Napi::Env env);
  // (fd: number, target)
  explicit RingCopy(const Napi::CallbackInfo& info);
  ~RingCopy() override;

 private:
  Napi::Value Copy(const Napi::CallbackInfo& info);
  Napi::Value ReservedPosition(const Napi::CallbackInfo& info);
  Napi::Value CopiedPosition(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  const RingCopier& Open() const;

  // OWNERSHIP: the target's memory belongs to JavaScript; these keep it alive until Close.
  Napi::ObjectReference consumer_page_;
  Napi::ObjectReference producer_page_;
  Napi::ObjectReference data_;
  std::unique_ptr<RingCopier> copier_;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_RING_COPY_H_
