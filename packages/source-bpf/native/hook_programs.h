#ifndef SOCKFLOW_NATIVE_HOOK_PROGRAMS_H_
#define SOCKFLOW_NATIVE_HOOK_PROGRAMS_H_

#include <linux/types.h>

#include <string>
#include <vector>

namespace sockflow {

// A sock_ops program that is attached to a cgroup.
struct HookProgram {
  __u32 id;
  // Empty where reading it is not allowed (CAP_SYS_ADMIN).
  std::string name;
};

// Any thread. Those attached to this cgroup itself, by link or not; throws Failure of step
// `cgroup`.
std::vector<HookProgram> SockOpsProgramsOf(const std::string& cgroup_path);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_HOOK_PROGRAMS_H_
