/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What iterators read: they have no context of an op, so a slot is filled from the kernel's socket itself. CAP_PERFMON, and kernels of 6.12 and newer. */
#ifndef SOCKFLOW_KERNEL_SOCKET_H
#define SOCKFLOW_KERNEL_SOCKET_H

static __always_inline void address_of(struct sockflow_network *key, struct sock *socket, __u8 end)
{
	struct sock_common *common = &socket->__sk_common;
	bool is_local = end == SOCKFLOW_END_LOCAL;

	if (common->skc_family == AF_INET)
		address_key(key, 0, 0, MAPPED_PREFIX, is_local ? common->skc_rcv_saddr : common->skc_daddr);
	else if (is_local)
		address_key(key, common->skc_v6_rcv_saddr.in6_u.u6_addr32[0], common->skc_v6_rcv_saddr.in6_u.u6_addr32[1],
			    common->skc_v6_rcv_saddr.in6_u.u6_addr32[2], common->skc_v6_rcv_saddr.in6_u.u6_addr32[3]);
	else
		address_key(key, common->skc_v6_daddr.in6_u.u6_addr32[0], common->skc_v6_daddr.in6_u.u6_addr32[1],
			    common->skc_v6_daddr.in6_u.u6_addr32[2], common->skc_v6_daddr.in6_u.u6_addr32[3]);
}

/* is_connection_taken() of filter.h, from the other side. */
static __always_inline bool is_socket_taken(struct sock *socket, __u32 lane_key)
{
	struct sock_common *common = &socket->__sk_common;
	struct sockflow_network key;

	if (!is_sampled(lane_key))
		return false;
	if (config.filters_ports && !are_ports_taken(common->skc_num, bpf_ntohs(common->skc_dport)))
		return false;
	if (!config.filters_networks)
		return true;
	if (common->skc_family != AF_INET && common->skc_family != AF_INET6)
		return false;
	address_of(&key, socket, SOCKFLOW_END_LOCAL);
	if (is_network_in(&key, SOCKFLOW_END_LOCAL))
		return true;
	address_of(&key, socket, SOCKFLOW_END_REMOTE);
	return is_network_in(&key, SOCKFLOW_END_REMOTE);
}

/* fill_addresses() of fill.h, from the other side. */
static __always_inline void fill_socket_addresses(struct sock_common *common, struct sockflow_event *slot)
{
	if (common->skc_family == AF_INET) {
		slot->remote_ip4 = common->skc_daddr;
		slot->local_ip4 = common->skc_rcv_saddr;
		__builtin_memset(slot->remote_ip6, 0, sizeof(slot->remote_ip6));
		__builtin_memset(slot->local_ip6, 0, sizeof(slot->local_ip6));
		return;
	}
	slot->remote_ip4 = 0;
	slot->local_ip4 = 0;
	slot->remote_ip6[0] = common->skc_v6_daddr.in6_u.u6_addr32[0];
	slot->remote_ip6[1] = common->skc_v6_daddr.in6_u.u6_addr32[1];
	slot->remote_ip6[2] = common->skc_v6_daddr.in6_u.u6_addr32[2];
	slot->remote_ip6[3] = common->skc_v6_daddr.in6_u.u6_addr32[3];
	slot->local_ip6[0] = common->skc_v6_rcv_saddr.in6_u.u6_addr32[0];
	slot->local_ip6[1] = common->skc_v6_rcv_saddr.in6_u.u6_addr32[1];
	slot->local_ip6[2] = common->skc_v6_rcv_saddr.in6_u.u6_addr32[2];
	slot->local_ip6[3] = common->skc_v6_rcv_saddr.in6_u.u6_addr32[3];
}

/* fill_connection() and fill_kernel_fields() of fill.h, from the other side. */
static __always_inline void fill_socket(struct sock *socket, struct lane *lane, __u64 cookie, struct sockflow_event *slot)
{
	struct sock_common *common = &socket->__sk_common;

	slot->cookie = cookie;
	slot->lane_key = lane->key;
	slot->netns_cookie = common->skc_net.net->net_cookie;
	slot->remote_port = common->skc_dport;
	slot->local_port = common->skc_num;
	fill_socket_addresses(common, slot);
	slot->cpu = bpf_get_smp_processor_id();
	slot->state = common->skc_state;
	slot->cgroup_id = cgroup_id_of(socket);
	slot->sk_err = socket->sk_err;
}

#endif
