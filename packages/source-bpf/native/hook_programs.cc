#include "hook_programs.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "cgroup_id.h"
#include "failure.h"
#include "unique_fd.h"

namespace sockflow {

namespace {

// BPF_CGROUP_MAX_PROGS, include/linux/bpf-cgroup-defs.h: no cgroup has more on a hook.
constexpr __u32 kMaxPrograms = 64;

std::string NameOf(__u32 id) {
  const UniqueFd fd(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info = {};
  __u32 bytes = sizeof(info);
  if (!fd.IsOpen() || bpf_obj_get_info_by_fd(fd.get(), &info, &bytes) != 0) return {};
  return info.name;
}

}  // namespace

std::vector<HookProgram> SockOpsProgramsOf(const std::string& cgroup_path) {
  const UniqueFd cgroup = OpenCgroup(cgroup_path);
  std::vector<__u32> ids(kMaxPrograms);
  __u32 attach_flags = 0;
  __u32 count = kMaxPrograms;
  if (bpf_prog_query(cgroup.get(), BPF_CGROUP_SOCK_OPS, 0, &attach_flags, ids.data(), &count) !=
      0) {
    throw Failure("cgroup", "bpf(BPF_PROG_QUERY)", errno, "programs of cgroup " + cgroup_path);
  }
  std::vector<HookProgram> programs;
  for (__u32 index = 0; index < count; index++) {
    programs.push_back({ids[index], NameOf(ids[index])});
  }
  return programs;
}

}  // namespace sockflow
