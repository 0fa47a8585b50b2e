#include "ring_copy.h"

#include <cerrno>

#include "failure.h"
#include "guard.h"
#include "ring_copier.h"

namespace sockflow {

namespace {

__u8* MemoryOf(const Napi::Object& target, const char* name, size_t least_bytes) {
  const Napi::Value value = target.Get(name);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().ByteLength() < least_bytes) {
    throw Napi::TypeError::New(target.Env(), std::string(name) + ": expected a Uint8Array of " +
                                                 std::to_string(least_bytes) + " bytes");
  }
  return value.As<Napi::Uint8Array>().Data();
}

}  // namespace

Napi::Function RingCopy::Define(Napi::Env env) {
  return DefineClass(env, "RingCopy",
                     {InstanceMethod("copy", &RingCopy::Copy),
                      InstanceMethod("reservedPosition", &RingCopy::ReservedPosition),
                      InstanceMethod("copiedPosition", &RingCopy::CopiedPosition),
                      InstanceMethod("close", &RingCopy::Close)});
}

RingCopy::RingCopy(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RingCopy>(info) {
  Guard(info.Env(), [&] {
    const Napi::Object target = info[1].ToObject();
    const __u32 capacity_bytes = target.Get("capacityBytes").ToNumber().Uint32Value();
    const SharedRing ring = {MemoryOf(target, "consumerPage", kRingPageBytes),
                             MemoryOf(target, "producerPage", kRingPageBytes),
                             MemoryOf(target, "data", capacity_bytes), capacity_bytes};
    copier_ = std::make_unique<RingCopier>(info[0].ToNumber().Int32Value(), ring);
    consumer_page_ = Napi::Persistent(target.Get("consumerPage").As<Napi::Object>());
    producer_page_ = Napi::Persistent(target.Get("producerPage").As<Napi::Object>());
    data_ = Napi::Persistent(target.Get("data").As<Napi::Object>());
  });
}

RingCopy::~RingCopy() = default;

Napi::Value RingCopy::Copy(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    if (copier_ == nullptr) throw Failure("closed", "copy", EBADF, "copy a ring after close");
    return Napi::Number::New(info.Env(), static_cast<double>(copier_->Copy()));
  });
}

// Positions modulo 2^32: what compares them needs no more.
Napi::Value RingCopy::ReservedPosition(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<__u32>(Open().ReservedPosition()));
  });
}

Napi::Value RingCopy::CopiedPosition(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<__u32>(Open().CopiedPosition()));
  });
}

const RingCopier& RingCopy::Open() const {
  if (copier_ == nullptr) throw Failure("closed", "copy", EBADF, "ask a ring after close");
  return *copier_;
}

void RingCopy::Close(const Napi::CallbackInfo& /*info*/) {
  copier_.reset();
  consumer_page_.Reset();
  producer_page_.Reset();
  data_.Reset();
}

}  // namespace sockflow
