// Instructions of the tiny programs that probes load.
#ifndef SOCKFLOW_NATIVE_PROBE_PROGRAMS_H_
#define SOCKFLOW_NATIVE_PROBE_PROGRAMS_H_

#include <linux/bpf.h>

#include <vector>

namespace sockflow {

using Instructions = std::vector<bpf_insn>;

// Any thread, all of them. `return 1;`
Instructions ReturnOne();
// Calls a helper with the context, and a stack buffer of 16 bytes as r2 or r1.
Instructions CallWithContext(int helper);
Instructions CallWithBuffer(int helper);
// bpf_get_current_task, then bpf_probe_read_kernel of its first bytes.
Instructions ReadCurrentTask();
// Loads a member of the context that the header of this machine may not know.
Instructions LoadFromContext(int offset, int size_code);
// bpf_tcp_sock(ctx->sk), or bpf_skc_to_tcp_sock and a read through the BTF pointer.
Instructions CallWithSocket(int helper, bool reads_it);
// bpf_cast_to_kern_ctx, then a read of its member, as 8 bytes.
Instructions ReadKernelContext(int cast_id, int member_offset);
// bpf_sock_ops_enable_tx_tstamp(bpf_cast_to_kern_ctx(ctx), 0).
Instructions EnableTxTstamp(int cast_id, int enable_id);
// An iterator over TCP sockets that sets a socket option of what it sees.
Instructions SetOptionOfIterated();
// An iterator over socket storage that asks for the cookie of what it sees (5.12, the iterator 5.9).
Instructions CookieOfIterated();
// An iterator over cgroups that writes the level of each, 4 bytes.
Instructions WriteLevelOfIterated(int level_offset);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_PROBE_PROGRAMS_H_
