#include "probe_programs.h"

#include <cstddef>

namespace sockflow {

namespace {

constexpr __u8 kR0 = 0, kR1 = 1, kR2 = 2, kR3 = 3, kR4 = 4, kR5 = 5, kR6 = 6, kR10 = 10;
// What an iterator's context begins with (include/linux/bpf.h, 5.8): a pointer to bpf_iter_meta,
// whose first member is the file to write to, and one to what is iterated over.
constexpr __s16 kIteratorMetaOffset = 0;
constexpr __s16 kIteratedOffset = 8;
// Of socket storage: the map comes before the socket (net/core/bpf_sk_storage.c).
constexpr __s16 kIteratedSocketOffset = 16;

bpf_insn Make(__u8 code, __u8 destination, __u8 source, __s16 offset, __s32 immediate) {
  bpf_insn instruction = {};
  instruction.code = code;
  instruction.dst_reg = destination;
  instruction.src_reg = source;
  instruction.off = offset;
  instruction.imm = immediate;
  return instruction;
}

bpf_insn Move(__u8 destination, __u8 source) {
  return Make(BPF_ALU64 | BPF_MOV | BPF_X, destination, source, 0, 0);
}
bpf_insn Set(__u8 destination, __s32 value) {
  return Make(BPF_ALU64 | BPF_MOV | BPF_K, destination, 0, 0, value);
}
bpf_insn Add(__u8 destination, __s32 value) {
  return Make(BPF_ALU64 | BPF_ADD | BPF_K, destination, 0, 0, value);
}
bpf_insn Load(int size_code, __u8 destination, __u8 source, int offset) {
  return Make(static_cast<__u8>(BPF_LDX | BPF_MEM | size_code), destination, source,
              static_cast<__s16>(offset), 0);
}
bpf_insn StoreZero(int offset) {
  return Make(BPF_ST | BPF_MEM | BPF_DW, kR10, 0, static_cast<__s16>(offset), 0);
}
bpf_insn Store(int size_code, __u8 source, int offset) {
  return Make(static_cast<__u8>(BPF_STX | BPF_MEM | size_code), kR10, source,
              static_cast<__s16>(offset), 0);
}
bpf_insn Call(int helper) { return Make(BPF_JMP | BPF_CALL, 0, 0, 0, helper); }
bpf_insn CallKernelFunction(int id) {
  return Make(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, id);
}
bpf_insn SkipIfZero(__u8 source, __s16 instructions) {
  return Make(BPF_JMP | BPF_JEQ | BPF_K, source, 0, instructions, 0);
}
bpf_insn Exit() { return Make(BPF_JMP | BPF_EXIT, 0, 0, 0, 0); }

}  // namespace

Instructions ReturnOne() { return {Set(kR0, 1), Exit()}; }

Instructions CallWithContext(int helper) { return {Call(helper), Set(kR0, 1), Exit()}; }

Instructions CallWithBuffer(int helper) {
  return {StoreZero(-8), StoreZero(-16), Move(kR1, kR10), Add(kR1, -16),
          Set(kR2, 16),  Call(helper),   Set(kR0, 1),     Exit()};
}

Instructions ReadCurrentTask() {
  return {Call(BPF_FUNC_get_current_task),
          StoreZero(-8),
          Move(kR3, kR0),
          Move(kR1, kR10),
          Add(kR1, -8),
          Set(kR2, 8),
          Call(BPF_FUNC_probe_read_kernel),
          Set(kR0, 1),
          Exit()};
}

Instructions LoadFromContext(int offset, int size_code) {
  return {Load(size_code, kR2, kR1, offset), Set(kR0, 1), Exit()};
}

Instructions CallWithSocket(int helper, bool reads_it) {
  Instructions program = {Load(BPF_DW, kR1, kR1, offsetof(struct bpf_sock_ops, sk))};
  program.push_back(SkipIfZero(kR1, reads_it ? 3 : 1));
  program.push_back(Call(helper));
  if (reads_it) {
    program.push_back(SkipIfZero(kR0, 1));
    // The first member of each socket: struct sock_common, its addresses.
    program.push_back(Load(BPF_W, kR2, kR0, 0));
  }
  program.push_back(Set(kR0, 1));
  program.push_back(Exit());
  return program;
}

Instructions ReadKernelContext(int cast_id, int member_offset) {
  return {CallKernelFunction(cast_id), Load(BPF_DW, kR2, kR0, member_offset), Set(kR0, 1), Exit()};
}

Instructions EnableTxTstamp(int cast_id, int enable_id) {
  return {CallKernelFunction(cast_id),   Move(kR1, kR0), Set(kR2, 0),
          CallKernelFunction(enable_id), Set(kR0, 1),    Exit()};
}

Instructions SetOptionOfIterated() {
  return {Load(BPF_DW, kR1, kR1, kIteratedOffset),
          SkipIfZero(kR1, 7),
          StoreZero(-8),
          Set(kR2, 6),     // SOL_TCP
          Set(kR3, 1008),  // TCP_BPF_SOCK_OPS_CB_FLAGS
          Move(kR4, kR10),
          Add(kR4, -8),
          Set(kR5, 4),
          Call(BPF_FUNC_setsockopt),
          Set(kR0, 0),
          Exit()};
}

Instructions CookieOfIterated() {
  return {Load(BPF_DW, kR1, kR1, kIteratedSocketOffset), SkipIfZero(kR1, 1),
          Call(BPF_FUNC_get_socket_cookie), Set(kR0, 0), Exit()};
}

Instructions WriteLevelOfIterated(int level_offset) {
  return {Move(kR6, kR1),
          Load(BPF_DW, kR1, kR6, kIteratedOffset),
          SkipIfZero(kR1, 8),
          Load(BPF_W, kR2, kR1, level_offset),
          Store(BPF_W, kR2, -4),
          Load(BPF_DW, kR1, kR6, kIteratorMetaOffset),
          Load(BPF_DW, kR1, kR1, 0),
          Move(kR2, kR10),
          Add(kR2, -4),
          Set(kR3, 4),
          Call(BPF_FUNC_seq_write),
          Set(kR0, 0),
          Exit()};
}

}  // namespace sockflow
