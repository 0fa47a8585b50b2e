#ifndef SOCKFLOW_NATIVE_LOG_BUFFER_H_
#define SOCKFLOW_NATIVE_LOG_BUFFER_H_

#include <sys/mman.h>

#include <cstring>
#include <new>
#include <string>

namespace sockflow {

// Memory for a verifier's log: as much as every kernel takes, of which only what is written is
// used. One thread at a time.
class LogBuffer {
 public:
  LogBuffer() {
    void* memory = mmap(nullptr, kCapacityBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<char*>(memory);
  }
  ~LogBuffer() { munmap(data_, kCapacityBytes); }
  LogBuffer(const LogBuffer&) = delete;
  LogBuffer& operator=(const LogBuffer&) = delete;

  // VALID UNTIL this object is gone.
  char* data() { return data_; }
  size_t capacity_bytes() const { return kCapacityBytes; }
  // The end of what was written: why a program was refused stands there.
  std::string Tail() const {
    const size_t bytes = strnlen(data_, kCapacityBytes);
    const size_t start = bytes > kTailBytes ? bytes - kTailBytes : 0;
    return std::string(data_ + start, bytes - start);
  }

 private:
  // Kernels before 5.17 refuse more than 2^24 - 1 (UINT_MAX >> 8, kernel/bpf/verifier.c).
  static constexpr size_t kCapacityBytes = 8U << 20;
  static constexpr size_t kTailBytes = 65536;
  char* data_;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_LOG_BUFFER_H_
