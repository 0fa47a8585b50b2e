#include "kernel_btf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cstring>

namespace sockflow {

KernelBtf::KernelBtf(const std::string& path) {
  btf_ = path.empty() ? btf__load_vmlinux_btf() : btf__parse(path.c_str(), nullptr);
  if (libbpf_get_error(btf_) != 0) btf_ = nullptr;
}

KernelBtf::~KernelBtf() { btf__free(btf_); }

int KernelBtf::FunctionId(const char* name) const {
  if (btf_ == nullptr) return 0;
  const int id = btf__find_by_name_kind(btf_, name, BTF_KIND_FUNC);
  return id > 0 ? id : 0;
}

int KernelBtf::MemberOffset(const char* struct_name, const char* member) const {
  if (btf_ == nullptr) return -1;
  const int id = btf__find_by_name_kind(btf_, struct_name, BTF_KIND_STRUCT);
  if (id <= 0) return -1;
  const struct btf_type* type = btf__type_by_id(btf_, id);
  const struct btf_member* members = btf_members(type);
  for (int i = 0; i < btf_vlen(type); i++) {
    const char* name = btf__name_by_offset(btf_, members[i].name_off);
    if (strcmp(name, member) == 0) return static_cast<int>(btf_member_bit_offset(type, i) / 8);
  }
  return -1;
}

bool KernelBtf::HasEnumerator(const char* name) const {
  if (btf_ == nullptr) return false;
  const __u32 count = btf__type_cnt(btf_);
  for (__u32 id = 1; id < count; id++) {
    const struct btf_type* type = btf__type_by_id(btf_, id);
    if (!btf_is_enum(type)) continue;
    const struct btf_enum* values = btf_enum(type);
    for (int i = 0; i < btf_vlen(type); i++) {
      if (strcmp(btf__name_by_offset(btf_, values[i].name_off), name) == 0) return true;
    }
  }
  return false;
}

}  // namespace sockflow
