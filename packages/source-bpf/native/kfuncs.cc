#include "kfuncs.h"

#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/types.h>

#include <cerrno>
#include <vector>

#include "failure.h"
#include "kernel_btf.h"
#include "shared.h"

namespace sockflow {

namespace {

struct Kfunc {
  __s32 placeholder;
  const char* name;
};

constexpr Kfunc kKfuncs[] = {
    {SOCKFLOW_KFUNC_CAST_TO_KERN_CTX, "bpf_cast_to_kern_ctx"},
    {SOCKFLOW_KFUNC_RDONLY_CAST, "bpf_rdonly_cast"},
    {SOCKFLOW_KFUNC_ENABLE_TX_TSTAMP, "bpf_sock_ops_enable_tx_tstamp"},
};

bool IsKfuncCall(const bpf_insn& insn) {
  return insn.code == (BPF_JMP | BPF_CALL) && insn.src_reg == BPF_PSEUDO_KFUNC_CALL;
}

}  // namespace

void ResolveKfuncs(bpf_program* program, const std::string& btf_path) {
  const KernelBtf kernel(btf_path);
  const bpf_insn* insns = bpf_program__insns(program);
  std::vector<bpf_insn> resolved(insns, insns + bpf_program__insn_cnt(program));
  for (bpf_insn& insn : resolved) {
    if (!IsKfuncCall(insn)) continue;
    for (const Kfunc& kfunc : kKfuncs) {
      if (insn.imm != kfunc.placeholder) continue;
      insn.imm = kernel.FunctionId(kfunc.name);
      if (insn.imm == 0) {
        throw Failure("load", "btf__find_by_name_kind", ENOENT,
                      std::string("find the kernel's function ") + kfunc.name);
      }
      break;
    }
  }
  const int result = bpf_program__set_insns(program, resolved.data(), resolved.size());
  if (result != 0) {
    throw Failure("load", "bpf_program__set_insns", -result, "name the kernel's functions");
  }
}

}  // namespace sockflow
