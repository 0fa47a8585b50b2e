#ifndef SOCKFLOW_NATIVE_FAILURE_H_
#define SOCKFLOW_NATIVE_FAILURE_H_

#include <exception>
#include <string>
#include <utility>

namespace sockflow {

// NativeFailure of binding-types.ts, before it becomes a JavaScript error. `step` and `syscall` are
// literals.
class Failure : public std::exception {
 public:
  // Any thread.
  Failure(const char* step, const char* syscall, int error_number, std::string what_for,
          std::string verifier_log = {})
      : step_(step),
        syscall_(syscall),
        error_number_(error_number),
        what_for_(std::move(what_for)),
        verifier_log_(std::move(verifier_log)) {}

  // Any thread.
  const char* step() const { return step_; }
  // Any thread.
  const char* syscall() const { return syscall_; }
  // Any thread.
  int error_number() const { return error_number_; }
  // Any thread.
  const std::string& verifier_log() const { return verifier_log_; }
  // Any thread. "attach /sys/fs/cgroup/x: bpf_link_create failed with EBADF".
  std::string Message() const;
  // Any thread.
  const char* what() const noexcept override { return what_for_.c_str(); }

 private:
  const char* step_;
  const char* syscall_;
  int error_number_;
  std::string what_for_;
  std::string verifier_log_;
};

// Any thread. "EPERM", or "E524" for one without a name here. strerrorname_np would need
// glibc 2.32.
std::string ErrnoName(int error_number);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_FAILURE_H_
