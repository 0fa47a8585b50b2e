#include "object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "cgroup_id.h"
#include "cgroup_level.h"
#include "failure.h"
#include "kfuncs.h"
#include "libbpf_words.h"
#include "log_buffer.h"
#include "probes.h"

namespace sockflow {

namespace {

constexpr char kEvents[] = "sockflow_events";
constexpr char kEventsTstamp[] = "sockflow_events_tstamp";

struct OptionalProgram {
  const char* name;
  __u32 feature;
};

constexpr OptionalProgram kOptionalPrograms[] = {
    {"sockflow_take_in", SOCKFLOW_CAN_TAKE_IN},
    {"sockflow_release", SOCKFLOW_CAN_TAKE_IN},
    {"sockflow_flush", SOCKFLOW_CAN_STORAGE_ITER},
};

std::string WithWarning(const std::string& what, const LibbpfWords& words) {
  const std::string warning = words.FirstWarning();
  return warning.empty() ? what : what + " (" + warning + ")";
}

}  // namespace

KernelObject::KernelObject(const SourceConfig& config, __u32 features)
    : config_(config.frozen), cgroup_path_(config.cgroup_path) {
  config_.features = features;
  config_.captured = CapturedBy(features);
  cgroup_fd_ = OpenCgroup(cgroup_path_);
  config_.cgroup_id = CgroupId(cgroup_fd_.get(), cgroup_path_);
  config_.cgroup_level = CgroupLevel(cgroup_fd_.get(), cgroup_path_);
  try {
    Open(config);
    Freeze();
    ChoosePrograms(config);
    SizeMaps(config);
    Load();
    MakeRings();
    FillFilters(config);
  } catch (...) {
    Close();
    throw;
  }
}

KernelObject::~KernelObject() { Close(); }

void KernelObject::Close() {
  EndLink();
  rings_.clear();
  if (object_ != nullptr) bpf_object__close(object_);
  object_ = nullptr;
}

void KernelObject::Open(const SourceConfig& config) {
  const LibbpfWords words;
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "sockflow");
  if (!config.btf_path.empty()) options.btf_custom_path = config.btf_path.c_str();
  object_ = bpf_object__open_file(config.object_path.c_str(), &options);
  if (object_ == nullptr) {
    const int error_number = errno;
    throw Failure("open", "bpf_object__open_file", error_number,
                  WithWarning("open " + config.object_path, words));
  }
}

void KernelObject::Freeze() {
  bpf_map* map = FindMap(".rodata.config");
  const int result = bpf_map__set_initial_value(map, &config_, sizeof(config_));
  if (result != 0) {
    throw Failure("open", "bpf_map__set_initial_value", -result,
                  "freeze " + std::to_string(sizeof(config_)) + " bytes of configuration into " +
                      std::to_string(bpf_map__value_size(map)));
  }
}

// Exactly one of the two event programs is loaded; of the others those that can be.
void KernelObject::ChoosePrograms(const SourceConfig& config) {
  bpf_program* events = bpf_object__find_program_by_name(object_, kEvents);
  bpf_program* events_tstamp = bpf_object__find_program_by_name(object_, kEventsTstamp);
  if (events == nullptr) {
    throw Failure("open", "bpf_object__find_program_by_name", ENOENT, "find the event program");
  }
  const bool with_tstamp =
      events_tstamp != nullptr && (config_.features & SOCKFLOW_CAN_TSTAMP) != 0;
  bpf_program__set_autoload(events, !with_tstamp);
  if (events_tstamp != nullptr) bpf_program__set_autoload(events_tstamp, with_tstamp);
  if (with_tstamp) ResolveKfuncs(events_tstamp, config.btf_path);
  for (const OptionalProgram& optional : kOptionalPrograms) {
    bpf_program* program = bpf_object__find_program_by_name(object_, optional.name);
    if (program == nullptr) continue;
    bpf_program__set_autoload(program, (config_.features & optional.feature) != 0);
  }
}

void KernelObject::SizeMaps(const SourceConfig& config) {
  for (const char* name : {"rings", "lane_words", "gaps", "counters"}) {
    bpf_map__set_max_entries(FindMap(name), config_.lanes);
  }
  const auto at_least_one = [](size_t count) {
    return static_cast<__u32>(std::max<size_t>(count, 1));
  };
  bpf_map__set_max_entries(FindMap("ports"), at_least_one(config.ports.size()));
  bpf_map__set_max_entries(FindMap("networks"), at_least_one(config.networks.size()));
}

// libbpf loads without a log first and asks for one only of a program that was refused.
void KernelObject::Load() {
  const LibbpfWords words;
  LogBuffer log;
  bpf_program* program;
  bpf_object__for_each_program(program, object_) {
    if (bpf_program__autoload(program)) {
      bpf_program__set_log_buf(program, log.data(), log.capacity_bytes());
    }
  }
  const int result = bpf_object__load(object_);
  if (result != 0) {
    throw Failure("load", "bpf_object__load", -result,
                  WithWarning("load the kernel programs", words), log.Tail());
  }
  // The buffer ends here, the program's pointer to it must not live on.
  bpf_object__for_each_program(program, object_) bpf_program__set_log_buf(program, nullptr, 0);
}

void KernelObject::MakeRings() {
  const int outer = MapFd("rings");
  for (__u32 lane = 0; lane < config_.lanes; lane++) {
    UniqueFd ring(
        bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sockflow_ring", 0, 0, config_.ring_bytes, nullptr));
    if (!ring.IsOpen()) {
      const int error_number = errno;
      throw Failure("load", "bpf_map_create", error_number,
                    "make a ring of " + std::to_string(config_.ring_bytes) + " bytes for lane " +
                        std::to_string(lane));
    }
    const int fd = ring.get();
    rings_.push_back(std::move(ring));
    if (bpf_map_update_elem(outer, &lane, &fd, BPF_ANY) != 0) {
      throw Failure("load", "bpf_map_update_elem", errno, "give lane its ring");
    }
  }
}

void KernelObject::FillFilters(const SourceConfig& config) {
  for (const auto& [port, ends] : config.ports) {
    if (bpf_map_update_elem(MapFd("ports"), &port, &ends, BPF_ANY) != 0) {
      throw Failure("load", "bpf_map_update_elem", errno, "filter port " + std::to_string(port));
    }
  }
  for (const auto& [network, ends] : config.networks) {
    if (bpf_map_update_elem(MapFd("networks"), &network, &ends, BPF_ANY) != 0) {
      throw Failure("load", "bpf_map_update_elem", errno, "filter a network");
    }
  }
}

bpf_map* KernelObject::FindMap(const char* name) const {
  bpf_map* map = bpf_object__find_map_by_name(object_, name);
  if (map == nullptr) {
    throw Failure("open", "bpf_object__find_map_by_name", ENOENT,
                  std::string("find the object's map ") + name);
  }
  return map;
}

int KernelObject::MapFd(const char* name) const { return bpf_map__fd(FindMap(name)); }

bpf_program* KernelObject::LoadedProgram(const char* name) const {
  bpf_program* program = bpf_object__find_program_by_name(object_, name);
  return program != nullptr && bpf_program__fd(program) >= 0 ? program : nullptr;
}

int KernelObject::EventProgramFd() const {
  bpf_program* program = LoadedProgram(kEventsTstamp);
  if (program == nullptr) program = LoadedProgram(kEvents);
  return bpf_program__fd(program);
}

void KernelObject::Attach() {
  if (link_ != nullptr) return;
  const LibbpfWords words;
  bpf_program* program = LoadedProgram(kEventsTstamp);
  if (program == nullptr) program = LoadedProgram(kEvents);
  link_ = bpf_program__attach_cgroup(program, cgroup_fd_.get());
  if (link_ == nullptr) {
    throw Failure("attach", "bpf_link_create", errno, "attach to " + cgroup_path_);
  }
}

void KernelObject::Detach() {
  if (link_ == nullptr) return;
  EndLink();
  WaitForRuns();
}

// Closing our descriptor does not detach while somebody else has one, as who lists the machine's
// links has for a moment (BPF_LINK_GET_FD_BY_ID). A kernel that cannot be told to (before 5.9)
// detaches when the last is closed.
void KernelObject::EndLink() {
  if (link_ == nullptr) return;
  const LibbpfWords words;
  bpf_link__detach(link_);
  bpf_link__destroy(link_);
  link_ = nullptr;
}

// Programs of cgroups run under rcu_read_lock (kernel/bpf/cgroup.c): after a grace period those
// that saw the link have ended. Where membarrier refuses (nohz_full), putting a map into a map of
// maps waits for one too (maybe_wait_bpf_programs, kernel/bpf/syscall.c).
void KernelObject::WaitForRuns() {
  if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return;
  const __u32 lane = 0;
  const int fd = rings_.at(lane).get();
  if (bpf_map_update_elem(MapFd("rings"), &lane, &fd, BPF_ANY) != 0) {
    throw Failure("attach", "bpf_map_update_elem", errno, "wait for the program's last run");
  }
}

}  // namespace sockflow
