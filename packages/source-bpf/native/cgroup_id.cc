#include "cgroup_id.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstring>

#include "failure.h"

namespace sockflow {

namespace {

// fs/kernfs/mount.c: the handle of a kernfs file is its 64-bit id.
constexpr unsigned int kHandleBytes = sizeof(__u64);

bool IsCgroup2(int fd) {
  struct statfs file_system;
  return fstatfs(fd, &file_system) == 0 && file_system.f_type == CGROUP2_SUPER_MAGIC;
}

}  // namespace

UniqueFd OpenCgroup(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.IsOpen()) throw Failure("cgroup", "open", errno, "cgroup " + path);
  if (!IsCgroup2(fd.get())) throw Failure("cgroup", "fstatfs", EBADF, path + " is no cgroup v2");
  return fd;
}

__u64 CgroupId(int cgroup_fd, const std::string& path) {
  alignas(file_handle) char memory[sizeof(file_handle) + kHandleBytes] = {};
  auto* handle = reinterpret_cast<file_handle*>(memory);
  handle->handle_bytes = kHandleBytes;
  int mount_id = 0;
  if (name_to_handle_at(cgroup_fd, "", handle, &mount_id, AT_EMPTY_PATH) != 0) {
    throw Failure("cgroup", "name_to_handle_at", errno, "cgroup " + path);
  }
  __u64 id = 0;
  std::memcpy(&id, handle->f_handle, sizeof(id));
  return id;
}

}  // namespace sockflow
