/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Time stamps of what an application sends, ops 16-20, since 6.15. A socket asks for them (SK_BPF_CB_FLAGS), then each sendmsg is opted in at op 20: here those of
 * connections that are not filtered. These ops run without the socket's lock, so `sk` is not to be had from the context; the kernel's own context has it, and the key
 * by which the stamps of a sendmsg find each other. Only sockflow_events_tstamp may come here: an older kernel does not load a program that names a kfunc it lacks.
 */
#ifndef SOCKFLOW_TSTAMP_H
#define SOCKFLOW_TSTAMP_H

/*
 * A call of a kfunc: src_reg 2 is BPF_PSEUDO_KFUNC_CALL, and the immediate, a placeholder here, becomes the id of the function in the kernel's BTF before loading
 * (native/kfuncs.cc). As a `__ksym` it would make libbpf look through the BTF of the kernel and, with CAP_SYS_ADMIN only, of its modules, even where this program is
 * not loaded at all: on kernels before 6.15 and on those without BTF.
 */
#define KFUNC_CALL(placeholder) ".byte 0x85, 0x20, 0, 0\n.long " __stringify(placeholder) "\n"
#define __stringify(text) __stringify_expanded(text)
#define __stringify_expanded(text) #text
#define CALL_CLOBBERS "r0", "r1", "r2", "r3", "r4", "r5", "memory"

/* void *bpf_cast_to_kern_ctx(void *context), 6.2 */
static __always_inline struct bpf_sock_ops_kern *kernel_context(struct bpf_sock_ops *context)
{
	void *result;

	asm volatile("r1 = %[context]\n" KFUNC_CALL(SOCKFLOW_KFUNC_CAST_TO_KERN_CTX) "%[result] = r0\n"
		     : [result] "=r"(result)
		     : [context] "r"(context)
		     : CALL_CLOBBERS);
	return result;
}

/* void *bpf_rdonly_cast(const void *object, u32 btf_id), 6.2 */
static __always_inline void *cast_to(const void *object, __u32 btf_id)
{
	void *result;

	asm volatile("r1 = %[object]\nr2 = %[btf_id]\n" KFUNC_CALL(SOCKFLOW_KFUNC_RDONLY_CAST) "%[result] = r0\n"
		     : [result] "=r"(result)
		     : [object] "r"(object), [btf_id] "r"((__u64)btf_id)
		     : CALL_CLOBBERS);
	return result;
}

/* int bpf_sock_ops_enable_tx_tstamp(struct bpf_sock_ops_kern *context, u64 flags), 6.15 */
static __always_inline void enable_tx_tstamp(struct bpf_sock_ops_kern *context)
{
	asm volatile("r1 = %[context]\nr2 = 0\n" KFUNC_CALL(SOCKFLOW_KFUNC_ENABLE_TX_TSTAMP)
		     :
		     : [context] "r"(context)
		     : CALL_CLOBBERS);
}

static __always_inline void request_tstamp(struct run *run)
{
	int flags = 0;

	if (!config.request_tstamp || !run->kept)
		return;
	bpf_getsockopt(run->context, SOL_SOCKET, SET_SK_CB_FLAGS, &flags, sizeof(flags));
	if (flags & SK_CB_TX_TIMESTAMPING)
		return;
	flags |= SK_CB_TX_TIMESTAMPING;
	if (!bpf_setsockopt(run->context, SOL_SOCKET, SET_SK_CB_FLAGS, &flags, sizeof(flags)))
		run->kept->added |= SOCKFLOW_ADDED_TSTAMP;
}

/* Before the slot is filled: opting in sets the key. */
static __always_inline void opt_in(struct run *run)
{
	if (config.request_tstamp && run->op == SOCKFLOW_OP_TSTAMP_SENDMSG_CB && is_connection_taken(run))
		enable_tx_tstamp(kernel_context(run->context));
}

/* What bpf_skc_to_tcp_sock() would find, without the call. Of a full socket only: a request socket is none, whatever the kernel's context calls it. */
static __always_inline void find_kernel_socket(struct run *run)
{
	if (run->socket && has_feature(SOCKFLOW_CAN_KERN_CTX))
		run->kernel_socket = kernel_context(run->context)->sk;
}

/* Reads of the kernel's context need CAP_PERFMON. */
static __always_inline void find_unlocked_socket(struct run *run)
{
	struct bpf_sock_ops_kern *kernel;

	if (!has_feature(SOCKFLOW_CAN_KERN_CTX))
		return;
	kernel = kernel_context(run->context);
	run->kernel_socket = kernel->sk;
	if (run->kernel_socket)
		run->kept = bpf_sk_storage_get(&sockets, run->kernel_socket, NULL, 0);
}

static __always_inline __u32 tskey_of(struct run *run)
{
	struct bpf_sock_ops_kern *kernel;
	struct skb_shared_info *shared;
	struct sk_buff *skb;

	if (!has_feature(SOCKFLOW_CAN_KERN_CTX))
		return 0;
	kernel = kernel_context(run->context);
	skb = kernel->skb;
	if (!skb)
		return 0;
	shared = cast_to(skb->head + skb->end, bpf_core_type_id_kernel(struct skb_shared_info));
	return shared->tskey;
}

#endif
