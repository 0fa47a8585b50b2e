#include "source.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "counters.h"
#include "failure.h"
#include "guard.h"
#include "probes.h"
#include "ring_map.h"
#include "take_in.h"

namespace sockflow {

namespace {

Napi::Number ToNumber(Napi::Env env, __u64 value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Object ToObject(Napi::Env env, const sockflow_fates& fates) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("seen", ToNumber(env, fates.seen));
  object.Set("made", ToNumber(env, fates.made));
  object.Set("submitted", ToNumber(env, fates.submitted));
  object.Set("notAsked", ToNumber(env, fates.not_asked));
  object.Set("filtered", ToNumber(env, fates.filtered));
  object.Set("folded", ToNumber(env, fates.folded));
  object.Set("shed", ToNumber(env, fates.shed));
  object.Set("lost", ToNumber(env, fates.lost));
  return object;
}

Napi::Object ToObject(Napi::Env env, const sockflow_gap& gap) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("startNs", Napi::BigInt::New(env, static_cast<uint64_t>(gap.start_ns)));
  object.Set("ringFull", ToNumber(env, gap.ring_full));
  object.Set("shedFirst", ToNumber(env, gap.shed_first));
  object.Set("shedLast", ToNumber(env, gap.shed_last));
  return object;
}

Napi::Object ToObject(Napi::Env env, const LaneCounters& counters) {
  const sockflow_counters& sums = counters.sums;
  Napi::Array made_by_kind = Napi::Array::New(env);
  __u32 kind = 0;
  for (const __u64 made : sums.made_by_kind) made_by_kind.Set(kind++, ToNumber(env, made));
  Napi::Object object = Napi::Object::New(env);
  object.Set("first", ToObject(env, sums.fates[SOCKFLOW_CLASS_FIRST]));
  object.Set("last", ToObject(env, sums.fates[SOCKFLOW_CLASS_LAST]));
  object.Set("madeByKind", made_by_kind);
  object.Set("summarised", ToNumber(env, sums.summarised));
  object.Set("flagsClobbered", ToNumber(env, sums.flags_clobbered));
  object.Set("opMisfit", ToNumber(env, sums.op_misfit));
  object.Set("storageFailed", ToNumber(env, sums.storage_failed));
  object.Set("takenIn", ToNumber(env, sums.taken_in));
  object.Set("wakeups", ToNumber(env, sums.wakeups));
  object.Set("gap", ToObject(env, counters.gap));
  return object;
}

}  // namespace

Napi::Function Source::Define(Napi::Env env) {
  return DefineClass(
      env, "Source",
      {InstanceAccessor<&Source::Features>("features"),
       InstanceAccessor<&Source::Captured>("captured"), InstanceMethod("attach", &Source::Attach),
       InstanceMethod("ringFd", &Source::RingFd), InstanceMethod("mapRing", &Source::MapRing),
       InstanceMethod("laneWords", &Source::LaneWords), InstanceMethod("takeIn", &Source::TakeIn),
       InstanceMethod("detach", &Source::Detach), InstanceMethod("flush", &Source::Flush),
       InstanceMethod("counters", &Source::Counters), InstanceMethod("runStats", &Source::RunStats),
       InstanceMethod("close", &Source::Close)});
}

Source::Source(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Source>(info) {
  Guard(info.Env(), [&] {
    const SourceConfig config = ReadConfig(info[0].ToObject());
    features_ = RunProbes(config.btf_path).features & ~config.without_features;
    object_ = std::make_unique<KernelObject>(config, features_);
    captured_ = object_->config().captured;
  });
}

KernelObject& Source::Open() {
  if (object_ == nullptr) throw Failure("closed", "open", EBADF, "use a source after close");
  return *object_;
}

__u32 Source::LaneOf(const Napi::CallbackInfo& info) {
  const double lane = info[0].ToNumber().DoubleValue();
  const __u32 lanes = Open().config().lanes;
  if (!(lane >= 0 && lane < lanes)) {
    throw Napi::RangeError::New(info.Env(), "lane: expected less than " + std::to_string(lanes));
  }
  return static_cast<__u32>(lane);
}

Napi::Value Source::Features(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), features_);
}

Napi::Value Source::Captured(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), static_cast<uint64_t>(captured_));
}

void Source::Attach(const Napi::CallbackInfo& info) {
  Guard(info.Env(), [&] { Open().Attach(); });
}

Napi::Value Source::RingFd(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const __u32 lane = LaneOf(info);
    return Napi::Number::New(info.Env(), Open().RingFd(lane));
  });
}

Napi::Value Source::MapRing(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const __u32 lane = LaneOf(info);
    KernelObject& object = Open();
    return sockflow::MapRing(info.Env(), object.RingFd(lane), object.config().ring_bytes);
  });
}

Napi::Value Source::LaneWords(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&] {
    KernelObject& object = Open();
    const size_t bytes = object.config().lanes * sizeof(sockflow_lane_word);
    return MapShared(info.Env(), object.MapFd("lane_words"), 0, bytes, true);
  });
}

Napi::Value Source::TakeIn(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const std::string netns = info[0].IsString() ? info[0].ToString().Utf8Value() : std::string();
    return ToNumber(info.Env(), sockflow::TakeIn(Open(), netns));
  });
}

void Source::Detach(const Napi::CallbackInfo& info) {
  Guard(info.Env(), [&] { Open().Detach(); });
}

Napi::Value Source::Flush(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    std::vector<std::string> netns_paths;
    const Napi::Array paths = info[0].As<Napi::Array>();
    for (__u32 i = 0; i < paths.Length(); i++) {
      netns_paths.push_back(paths.Get(i).ToString().Utf8Value());
    }
    const bool keeps_flags = info[1].IsBoolean() && info[1].ToBoolean().Value();
    const Flushed flushed = sockflow::Flush(Open(), netns_paths, keeps_flags);
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("summaries", Napi::Boolean::New(info.Env(), flushed.summaries));
    object.Set("flags", Napi::Boolean::New(info.Env(), flushed.flags));
    return object;
  });
}

Napi::Value Source::Counters(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const KernelObject& object = Open();
    Napi::Array lanes = Napi::Array::New(info.Env(), object.config().lanes);
    for (__u32 lane = 0; lane < object.config().lanes; lane++) {
      lanes.Set(lane, ToObject(info.Env(), ReadCounters(object, lane)));
    }
    return lanes;
  });
}

// The first call turns the kernel's counting on, where this process may: CAP_SYS_ADMIN.
Napi::Value Source::RunStats(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const int program_fd = Open().EventProgramFd();
    if (!stats_fd_.IsOpen()) stats_fd_ = UniqueFd(bpf_enable_stats(BPF_STATS_RUN_TIME));
    bpf_prog_info program = {};
    __u32 bytes = sizeof(program);
    if (bpf_obj_get_info_by_fd(program_fd, &program, &bytes) != 0) {
      throw Failure("map", "bpf_obj_get_info_by_fd", errno, "read the program's run time");
    }
    Napi::Object stats = Napi::Object::New(info.Env());
    stats.Set("runs", Napi::BigInt::New(info.Env(), static_cast<uint64_t>(program.run_cnt)));
    stats.Set("totalNs", Napi::BigInt::New(info.Env(), static_cast<uint64_t>(program.run_time_ns)));
    return stats;
  });
}

void Source::Close(const Napi::CallbackInfo& /*info*/) {
  object_.reset();
  stats_fd_.Reset();
}

}  // namespace sockflow
