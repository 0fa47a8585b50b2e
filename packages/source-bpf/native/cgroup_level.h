#ifndef SOCKFLOW_NATIVE_CGROUP_LEVEL_H_
#define SOCKFLOW_NATIVE_CGROUP_LEVEL_H_

#include <linux/types.h>

#include <string>

namespace sockflow {

// Any thread. The depth of a cgroup below the root of the hierarchy, which is 0. Asks the kernel
// where it can (iter/cgroup, 6.1): the path alone does not tell in a cgroup namespace, whose root
// may lie deep. `path` is for messages. Throws Failure of step `cgroup`.
__u32 CgroupLevel(int cgroup_fd, const std::string& path);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_CGROUP_LEVEL_H_
