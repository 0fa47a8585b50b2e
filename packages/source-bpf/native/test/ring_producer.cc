// Drives ring_producer.bpf.c from JavaScript, and opens links: an addon of its own, for tests only.
#include "ring_producer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include <napi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

namespace {

constexpr size_t kGateBytes = 4096;

class RingProducer : public Napi::ObjectWrap<RingProducer> {
 public:
  // JS thread only, all of them. (objectPath: string, ringFd: number)
  explicit RingProducer(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RingProducer>(info) {
    object_ = bpf_object__open_file(info[0].ToString().Utf8Value().c_str(), nullptr);
    Check(info.Env(), object_ != nullptr, "open");
    bpf_map* ring = bpf_object__find_map_by_name(object_, "ring");
    Check(info.Env(), bpf_map__reuse_fd(ring, info[1].ToNumber().Int32Value()) == 0, "reuse_fd");
    Check(info.Env(), bpf_object__load(object_) == 0, "load");
    const int gate_fd = bpf_object__find_map_fd_by_name(object_, "gate");
    void* memory = mmap(nullptr, kGateBytes, PROT_READ | PROT_WRITE, MAP_SHARED, gate_fd, 0);
    Check(info.Env(), memory != MAP_FAILED, "mmap");
    gate_ = static_cast<__u32*>(memory);
  }

  ~RingProducer() override { Free(); }

  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "RingProducer",
                       {InstanceMethod("produce", &RingProducer::Produce),
                        InstanceMethod("hold", &RingProducer::Hold),
                        InstanceMethod("release", &RingProducer::Release),
                        InstanceMethod("close", &RingProducer::Close)});
  }

 private:
  static void Check(Napi::Env env, bool is_fine, const char* what) {
    if (!is_fine) {
      throw Napi::Error::New(env,
                             std::string(what) + " failed with errno " + std::to_string(errno));
    }
  }

  int Run(const char* program, produce_request* request) {
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.ctx_in = request;
    options.ctx_size_in = sizeof(*request);
    const int fd = bpf_program__fd(bpf_object__find_program_by_name(object_, program));
    return bpf_prog_test_run_opts(fd, &options) == 0 ? static_cast<int>(options.retval) : -errno;
  }

  // ({ nextSequence, count, longEvery?, discardEvery?, wakes? })
  Napi::Value Produce(const Napi::CallbackInfo& info) {
    const Napi::Object asked = info[0].ToObject();
    const auto number = [&asked](const char* name) {
      const Napi::Value value = asked.Get(name);
      return value.IsUndefined() ? 0 : static_cast<__u64>(value.ToNumber().Int64Value());
    };
    produce_request request = {};
    request.next_sequence = number("nextSequence");
    request.count = static_cast<__u32>(number("count"));
    request.long_every = static_cast<__u32>(number("longEvery"));
    request.discard_every = static_cast<__u32>(number("discardEvery"));
    request.wakes = static_cast<__u32>(number("wakes"));
    Check(info.Env(), Run("produce", &request) == 0, "produce");
    Napi::Object done = Napi::Object::New(info.Env());
    done.Set("nextSequence", static_cast<double>(request.next_sequence));
    done.Set("submitted", static_cast<double>(request.submitted));
    done.Set("discarded", static_cast<double>(request.discarded));
    return done;
  }

  // (nextSequence): leaves a slot BUSY, from a thread of its own, until release.
  void Hold(const Napi::CallbackInfo& info) {
    __atomic_store_n(gate_, 0, __ATOMIC_SEQ_CST);
    const auto sequence = static_cast<__u64>(info[0].ToNumber().Int64Value());
    holder_ = std::thread([this, sequence] {
      produce_request request = {};
      request.next_sequence = sequence;
      Run("hold", &request);
    });
  }

  void Release(const Napi::CallbackInfo& /*info*/) { Join(); }

  void Close(const Napi::CallbackInfo& /*info*/) { Free(); }

  void Join() {
    if (!holder_.joinable()) return;
    __atomic_store_n(gate_, 1, __ATOMIC_SEQ_CST);
    holder_.join();
  }

  void Free() {
    Join();
    if (gate_ != nullptr) munmap(gate_, kGateBytes);
    gate_ = nullptr;
    if (object_ != nullptr) bpf_object__close(object_);
    object_ = nullptr;
  }

  bpf_object* object_ = nullptr;
  __u32* gate_ = nullptr;
  std::thread holder_;
};

// (id: number): a descriptor of a link, as somebody has it who lists them. JS thread only.
Napi::Value OpenLink(const Napi::CallbackInfo& info) {
  const int fd = bpf_link_get_fd_by_id(info[0].ToNumber().Uint32Value());
  if (fd < 0) throw Napi::Error::New(info.Env(), "errno " + std::to_string(errno));
  return Napi::Number::New(info.Env(), fd);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("openLink", Napi::Function::New<OpenLink>(env, "openLink"));
  exports.Set("RingProducer", RingProducer::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(ring_producer, Init)
