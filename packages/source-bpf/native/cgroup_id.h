#ifndef SOCKFLOW_NATIVE_CGROUP_ID_H_
#define SOCKFLOW_NATIVE_CGROUP_ID_H_

#include <linux/types.h>

#include <string>

#include "unique_fd.h"

namespace sockflow {

// Any thread, all of them; they throw Failure of step `cgroup`.

// Opens the directory of a cgroup v2.
UniqueFd OpenCgroup(const std::string& path);
// The id that bpf_get_current_cgroup_id and cgroup->kn->id give, of an open directory; `path` is
// for messages.
__u64 CgroupId(int cgroup_fd, const std::string& path);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_CGROUP_ID_H_
