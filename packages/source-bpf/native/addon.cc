// The addon: what src/native/binding-types.ts says, a class or a function a file. It is loaded in
// many threads of a process, each with an environment of its own; they share nothing but libbpf's
// print callback and what the kernel gave.
#include <bpf/libbpf.h>
#include <napi.h>

#include "cgroup_id.h"
#include "clocks.h"
#include "guard.h"
#include "hook_programs.h"
#include "probes.h"
#include "ring_copy.h"
#include "ring_poll.h"
#include "source.h"

namespace sockflow {

namespace {

// One an environment. OWNERSHIP: Node's, freed with the environment.
struct Classes {
  Napi::FunctionReference source;
  Napi::FunctionReference ring_poll;
  Napi::FunctionReference ring_copy;
};

// JS thread only, all that follow.

Napi::Value Probe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Value btf_path = info[0].ToObject().Get("btfPath");
  const Probes found =
      RunProbes(btf_path.IsString() ? btf_path.ToString().Utf8Value() : std::string());
  Napi::Array probes = Napi::Array::New(env, found.probes.size());
  __u32 index = 0;
  for (const auto& probe : found.probes) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("id", probe.id);
    object.Set("works", Napi::Boolean::New(env, probe.error_number == 0));
    object.Set("errno", Napi::Number::New(env, probe.error_number));
    probes.Set(index++, object);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("probes", probes);
  result.Set("features", Napi::Number::New(env, found.features));
  return result;
}

Napi::Value OpenSource(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Classes>()->source.New({info[0]});
}

Napi::Value OpenRingPoll(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Classes>()->ring_poll.New({info[0]});
}

Napi::Value OpenRingCopy(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Classes>()->ring_copy.New({info[0], info[1]});
}

Napi::Value ReadTheClocks(const Napi::CallbackInfo& info) {
  const Clocks clocks = ReadClocks();
  Napi::Object object = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, __u64 value) {
    object.Set(name, Napi::BigInt::New(info.Env(), static_cast<uint64_t>(value)));
  };
  set("bootNs", clocks.boot_ns);
  set("realtimeNs", clocks.realtime_ns);
  set("monotonicNs", clocks.monotonic_ns);
  set("uncertaintyNs", clocks.uncertainty_ns);
  object.Set("tickNs", Napi::Number::New(info.Env(), static_cast<double>(clocks.tick_ns)));
  return object;
}

Napi::Value IdOfCgroup(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const std::string path = info[0].ToString().Utf8Value();
    const __u64 id = CgroupId(OpenCgroup(path).get(), path);
    return Napi::BigInt::New(info.Env(), static_cast<uint64_t>(id));
  });
}

Napi::Value SockOpsPrograms(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guard(env, [&]() -> Napi::Value {
    const auto found = SockOpsProgramsOf(info[0].ToString().Utf8Value());
    Napi::Array programs = Napi::Array::New(env, found.size());
    __u32 index = 0;
    for (const auto& program : found) {
      Napi::Object object = Napi::Object::New(env);
      object.Set("id", Napi::Number::New(env, program.id));
      object.Set("name", program.name);
      programs.Set(index++, object);
    }
    return programs;
  });
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* classes = new Classes();
  classes->source = Napi::Persistent(Source::Define(env));
  classes->ring_poll = Napi::Persistent(RingPoll::Define(env));
  classes->ring_copy = Napi::Persistent(RingCopy::Define(env));
  env.SetInstanceData(classes);
  exports.Set("version", SOCKFLOW_VERSION);
  exports.Set("libbpfVersion", std::string(libbpf_version_string()).substr(1));
  exports.Set("probe", Napi::Function::New<Probe>(env, "probe"));
  exports.Set("openSource", Napi::Function::New<OpenSource>(env, "openSource"));
  exports.Set("openRingPoll", Napi::Function::New<OpenRingPoll>(env, "openRingPoll"));
  exports.Set("openRingCopy", Napi::Function::New<OpenRingCopy>(env, "openRingCopy"));
  exports.Set("readClocks", Napi::Function::New<ReadTheClocks>(env, "readClocks"));
  exports.Set("cgroupId", Napi::Function::New<IdOfCgroup>(env, "cgroupId"));
  exports.Set("sockOpsPrograms", Napi::Function::New<SockOpsPrograms>(env, "sockOpsPrograms"));
  return exports;
}

}  // namespace

}  // namespace sockflow

static Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  return sockflow::Init(env, exports);
}

NODE_API_MODULE(sockflow_bpf, InitAddon)
