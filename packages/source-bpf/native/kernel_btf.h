#ifndef SOCKFLOW_NATIVE_KERNEL_BTF_H_
#define SOCKFLOW_NATIVE_KERNEL_BTF_H_

#include <memory>
#include <string>

struct btf;

namespace sockflow {

// What the running kernel says about its own types. One thread at a time.
class KernelBtf {
 public:
  // Any thread. Reads `path`, or /sys/kernel/btf/vmlinux where it is empty; IsKnown() tells whether
  // there was any.
  explicit KernelBtf(const std::string& path);
  ~KernelBtf();
  KernelBtf(const KernelBtf&) = delete;
  KernelBtf& operator=(const KernelBtf&) = delete;

  bool IsKnown() const { return btf_ != nullptr; }
  // The id of a function, or 0.
  int FunctionId(const char* name) const;
  // The offset of a member in bytes, or -1.
  int MemberOffset(const char* struct_name, const char* member) const;
  // Whether some enum, most have no name, holds this enumerator.
  bool HasEnumerator(const char* name) const;

 private:
  // OWNERSHIP: this object's; nullptr where the kernel has none.
  struct btf* btf_;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_KERNEL_BTF_H_
