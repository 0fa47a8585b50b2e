// Does on purpose what the sanitizers are to find: shows that a clean run of theirs means
// something.
#include <napi.h>

#include <cstdlib>

namespace {

volatile int kOne = 1;

// JS thread only, all of them.

Napi::Value ReadBeyond(const Napi::CallbackInfo& info) {
  char* volatile memory = static_cast<char*>(std::malloc(16));
  const int byte = memory[15 + kOne];
  std::free(memory);
  return Napi::Number::New(info.Env(), byte);
}

Napi::Value Overflow(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), 0x7fffffff + kOne);
}

Napi::Value Leak(const Napi::CallbackInfo& info) {
  char* volatile memory = static_cast<char*>(std::malloc(4242));
  memory = nullptr;
  return Napi::Boolean::New(info.Env(), memory == nullptr);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("readBeyond", Napi::Function::New<ReadBeyond>(env, "readBeyond"));
  exports.Set("overflow", Napi::Function::New<Overflow>(env, "overflow"));
  exports.Set("leak", Napi::Function::New<Leak>(env, "leak"));
  return exports;
}

}  // namespace

NODE_API_MODULE(sanitizer_witness, Init)
