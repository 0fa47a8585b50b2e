#ifndef SOCKFLOW_NATIVE_UNIQUE_FD_H_
#define SOCKFLOW_NATIVE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace sockflow {

// OWNERSHIP: the descriptor, which it closes. One thread at a time.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~UniqueFd() { Reset(); }

  // Any thread. VALID UNTIL the object is gone or reset.
  int get() const { return fd_; }
  // Any thread.
  bool IsOpen() const { return fd_ >= 0; }
  // The owner's thread.
  void Reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_UNIQUE_FD_H_
