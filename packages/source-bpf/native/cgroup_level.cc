#include "cgroup_level.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "failure.h"
#include "kernel_btf.h"
#include "libbpf_words.h"
#include "probe_programs.h"
#include "unique_fd.h"

namespace sockflow {

namespace {

UniqueFd LoadIterator() {
  const KernelBtf btf("");
  const int function_id = btf.FunctionId("bpf_iter_cgroup");
  const int level_offset = btf.MemberOffset("cgroup", "level");
  if (function_id == 0 || level_offset < 0) return UniqueFd();
  const Instructions program = WriteLevelOfIterated(level_offset);
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_ITER);
  options.attach_btf_id = static_cast<__u32>(function_id);
  return UniqueFd(bpf_prog_load(BPF_PROG_TYPE_TRACING, "sockflow_level", "Dual BSD/GPL",
                                program.data(), program.size(), &options));
}

// Nothing where this kernel, or what this process may do, does not allow to ask.
std::optional<__u32> AskKernel(int cgroup_fd) {
  const LibbpfWords words;
  const UniqueFd program = LoadIterator();
  if (!program.IsOpen()) return std::nullopt;
  bpf_iter_link_info info = {};
  info.cgroup.order = BPF_CGROUP_ITER_SELF_ONLY;
  info.cgroup.cgroup_fd = static_cast<__u32>(cgroup_fd);
  LIBBPF_OPTS(bpf_link_create_opts, options, .iter_info = &info, .iter_info_len = sizeof(info));
  const UniqueFd link(bpf_link_create(program.get(), 0, BPF_TRACE_ITER, &options));
  if (!link.IsOpen()) return std::nullopt;
  const UniqueFd iterator(bpf_iter_create(link.get()));
  __u32 level = 0;
  if (!iterator.IsOpen() || read(iterator.get(), &level, sizeof(level)) != sizeof(level)) {
    return std::nullopt;
  }
  return level;
}

__u32 CountSteps(int cgroup_fd, const std::string& path) {
  UniqueFd fd(openat(cgroup_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (__u32 level = 0;; level++) {
    struct stat here;
    struct stat above;
    struct statfs file_system;
    UniqueFd parent(openat(fd.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent.IsOpen() || fstat(fd.get(), &here) != 0 || fstat(parent.get(), &above) != 0 ||
        fstatfs(parent.get(), &file_system) != 0) {
      throw Failure("cgroup", "openat", errno, "depth of cgroup " + path);
    }
    // Something else above it: this is where the hierarchy is mounted.
    if (here.st_dev != above.st_dev || file_system.f_type != CGROUP2_SUPER_MAGIC) return level;
    fd = std::move(parent);
  }
}

}  // namespace

__u32 CgroupLevel(int cgroup_fd, const std::string& path) {
  const std::optional<__u32> level = AskKernel(cgroup_fd);
  return level.has_value() ? *level : CountSteps(cgroup_fd, path);
}

}  // namespace sockflow
