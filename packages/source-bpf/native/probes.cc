#include "probes.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <utility>

#include "kernel_btf.h"
#include "libbpf_words.h"
#include "probe_programs.h"
#include "shared.h"
#include "unique_fd.h"

namespace sockflow {

namespace {

// bpf_sock_ops.skb_hwtstamp: include/uapi/linux/bpf.h, 6.2.
constexpr int kHwtstampOffset = 216;
// Newer than the headers of this machine may be: include/uapi/linux/bpf.h.
constexpr int kGetNetnsCookie = 122;

int TryProgram(const Instructions& program) {
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_CGROUP_SOCK_OPS);
  const UniqueFd fd(bpf_prog_load(BPF_PROG_TYPE_SOCK_OPS, "sockflow_probe", "Dual BSD/GPL",
                                  program.data(), program.size(), &options));
  return fd.IsOpen() ? 0 : errno;
}

// `function_id` 0: the kernel has no such iterator.
int TryIterator(int function_id, const Instructions& program) {
  if (function_id == 0) return ENOENT;
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_ITER);
  options.attach_btf_id = static_cast<__u32>(function_id);
  const UniqueFd fd(bpf_prog_load(BPF_PROG_TYPE_TRACING, "sockflow_probe", "Dual BSD/GPL",
                                  program.data(), program.size(), &options));
  return fd.IsOpen() ? 0 : errno;
}

int TryMap(enum bpf_map_type type, __u32 key_bytes, __u32 value_bytes, __u32 entries, __u32 flags) {
  LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);
  const UniqueFd fd(
      bpf_map_create(type, "sockflow_probe", key_bytes, value_bytes, entries, &options));
  return fd.IsOpen() ? 0 : errno;
}

int TryKernelContext(const KernelBtf& btf) {
  const int cast_id = btf.FunctionId("bpf_cast_to_kern_ctx");
  const int offset = btf.MemberOffset("bpf_sock_ops_kern", "skb");
  if (cast_id == 0 || offset < 0) return ENOENT;
  return TryProgram(ReadKernelContext(cast_id, offset));
}

// The option is not seen at load: the kernel that knows it has it in its BTF.
int TryTstamp(const KernelBtf& btf) {
  const int cast_id = btf.FunctionId("bpf_cast_to_kern_ctx");
  const int enable_id = btf.FunctionId("bpf_sock_ops_enable_tx_tstamp");
  if (cast_id == 0 || enable_id == 0 || !btf.HasEnumerator("SK_BPF_CB_FLAGS")) return ENOENT;
  return TryProgram(EnableTxTstamp(cast_id, enable_id));
}

int TryTakeIn(const KernelBtf& btf) {
  if (!btf.HasEnumerator("TCP_BPF_SOCK_OPS_CB_FLAGS")) return ENOENT;
  return TryIterator(btf.FunctionId("bpf_iter_tcp"), SetOptionOfIterated());
}

int TryStorageIterator(const KernelBtf& btf) {
  return TryIterator(btf.FunctionId("bpf_iter_bpf_sk_storage_map"), CookieOfIterated());
}

// Where libbpf looks for what an iterator attaches to, whatever BTF relocations come from.
bool HasSystemBtf(const std::string& btf_path) {
  return btf_path.empty() || KernelBtf("").IsKnown();
}

class Collector {
 public:
  void Add(const char* id, int error_number, __u32 feature = 0) {
    probes_.probes.push_back({id, error_number});
    if (error_number == 0) probes_.features |= feature;
  }
  Probes Take() { return std::move(probes_); }

 private:
  Probes probes_ = {{}, 0};
};

}  // namespace

Probes RunProbes(const std::string& btf_path) {
  // What libbpf warns of here is what a probe is to find out.
  const LibbpfWords words;
  const KernelBtf btf(btf_path);
  Collector found;
  found.Add("btf", btf.IsKnown() ? 0 : ENOENT);
  found.Add("map-ring-buffer", TryMap(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0));
  found.Add("map-array-mmapable", TryMap(BPF_MAP_TYPE_ARRAY, 4, 64, 1, BPF_F_MMAPABLE));
  found.Add("map-lpm-trie", TryMap(BPF_MAP_TYPE_LPM_TRIE, 20, 1, 1, BPF_F_NO_PREALLOC));
  found.Add("program-sock-ops", TryProgram(ReturnOne()));
  found.Add("helper-socket-cookie", TryProgram(CallWithContext(BPF_FUNC_get_socket_cookie)));
  found.Add("helper-ktime-boot", TryProgram(CallWithContext(BPF_FUNC_ktime_get_boot_ns)));
  found.Add("helper-tcp-sock", TryProgram(CallWithSocket(BPF_FUNC_tcp_sock, false)));
  found.Add("helper-netns-cookie", TryProgram(CallWithContext(kGetNetnsCookie)),
            SOCKFLOW_CAN_NETNS_COOKIE);
  found.Add("helper-current-pid", TryProgram(CallWithContext(BPF_FUNC_get_current_pid_tgid)),
            SOCKFLOW_CAN_CURRENT_PID);
  found.Add("helper-current-comm", TryProgram(CallWithBuffer(BPF_FUNC_get_current_comm)),
            SOCKFLOW_CAN_CURRENT_COMM);
  found.Add("read-current-task", TryProgram(ReadCurrentTask()), SOCKFLOW_CAN_TASK_READ);
  found.Add("read-socket", TryProgram(CallWithSocket(BPF_FUNC_skc_to_tcp_sock, true)),
            SOCKFLOW_CAN_SOCK_READ);
  found.Add("context-hwtstamp", TryProgram(LoadFromContext(kHwtstampOffset, BPF_DW)),
            SOCKFLOW_CAN_HWTSTAMP);
  found.Add("read-kernel-context", TryKernelContext(btf), SOCKFLOW_CAN_KERN_CTX);
  found.Add("ops-tstamp", TryTstamp(btf), SOCKFLOW_CAN_TSTAMP);
  const bool loads_iterators = HasSystemBtf(btf_path);
  found.Add("iterator-tcp", loads_iterators ? TryTakeIn(btf) : ENOENT, SOCKFLOW_CAN_TAKE_IN);
  found.Add("iterator-socket-storage", loads_iterators ? TryStorageIterator(btf) : ENOENT,
            SOCKFLOW_CAN_STORAGE_ITER);
  return found.Take();
}

__u64 CapturedBy(__u32 features) {
  const auto can = [features](__u32 feature) { return (features & feature) != 0; };
  __u64 captured = (SOCKFLOW_HAS_TCP_HEADER << 1) - 1;
  if (!can(SOCKFLOW_CAN_NETNS_COOKIE)) captured &= ~SOCKFLOW_HAS_NETNS_COOKIE;
  if (!can(SOCKFLOW_CAN_SOCK_READ)) captured &= ~(SOCKFLOW_HAS_SK_ERR | SOCKFLOW_HAS_CGROUP_ID);
  if (!can(SOCKFLOW_CAN_HWTSTAMP)) captured &= ~SOCKFLOW_HAS_SKB_HWTSTAMP;
  if (!can(SOCKFLOW_CAN_KERN_CTX)) captured &= ~SOCKFLOW_HAS_TSKEY;
  if (!can(SOCKFLOW_CAN_CURRENT_PID | SOCKFLOW_CAN_TASK_READ)) {
    captured &= ~SOCKFLOW_HAS_OWNER_PID;
  }
  if (!can(SOCKFLOW_CAN_CURRENT_COMM | SOCKFLOW_CAN_TASK_READ)) {
    captured &= ~SOCKFLOW_HAS_OWNER_COMM;
  }
  return captured;
}

}  // namespace sockflow
