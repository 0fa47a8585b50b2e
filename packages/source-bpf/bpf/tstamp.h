/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Time stamps of what an application sends, ops 16-20, since 6.15. A socket asks for them (SK_BPF_CB_FLAGS), then each sendmsg is opted in at op 20: here those of
 * connections that are not filtered. These ops run without the socket's lock, so `sk` is not to be had from the context; the kernel's own context has it, and the key
 * by which the stamps of a sendmsg find each other. Only sockflow_events_tstamp may come here: an older kernel does not load a program that names a kfunc it lacks.
 */
#ifndef SOCKFLOW_TSTAMP_H
#define SOCKFLOW_TSTAMP_H

extern void *bpf_cast_to_kern_ctx(void *context) __ksym __weak;
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym __weak;
extern int bpf_sock_ops_enable_tx_tstamp(struct bpf_sock_ops_kern *context, __u64 flags) __ksym __weak;

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
		bpf_sock_ops_enable_tx_tstamp(bpf_cast_to_kern_ctx(run->context), 0);
}

/* Reads of the kernel's context need CAP_PERFMON. */
static __always_inline void find_unlocked_socket(struct run *run)
{
	struct bpf_sock_ops_kern *kernel;

	if (!has_feature(SOCKFLOW_CAN_KERN_CTX))
		return;
	kernel = bpf_cast_to_kern_ctx(run->context);
	run->unlocked = kernel->sk;
	if (run->unlocked)
		run->kept = bpf_sk_storage_get(&sockets, run->unlocked, NULL, 0);
}

static __always_inline __u32 tskey_of(struct run *run)
{
	struct bpf_sock_ops_kern *kernel;
	struct skb_shared_info *shared;
	struct sk_buff *skb;

	if (!has_feature(SOCKFLOW_CAN_KERN_CTX))
		return 0;
	kernel = bpf_cast_to_kern_ctx(run->context);
	skb = kernel->skb;
	if (!skb)
		return 0;
	shared = bpf_rdonly_cast(skb->head + skb->end, bpf_core_type_id_kernel(struct skb_shared_info));
	return shared->tskey;
}

#endif
