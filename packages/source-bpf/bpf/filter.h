/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Filters that were pushed down. Each drops what no output can take, and means exactly what core's filter of that name means (contracts/filter.ts): an address that
 * is absent matches nothing, IPv4 is compared as ::ffff:a.b.c.d. Markers pass always.
 */
#ifndef SOCKFLOW_FILTER_H
#define SOCKFLOW_FILTER_H

#define ADDRESS_BITS 128
/* ::ffff as a little-endian word. */
#define MAPPED_PREFIX 0xffff0000U

static __always_inline bool is_sampled(__u32 lane_key)
{
	return (lane_key >> 8) < config.sample_threshold;
}

static __always_inline bool is_kind_taken(__u32 kind)
{
	return config.kinds_mask >> kind & 1;
}

static __always_inline bool is_op_taken(__u32 op)
{
	return !config.filters_ops || (config.filter_ops_mask & mask_bit(op));
}

static __always_inline bool is_port_in(__u16 port, __u8 end)
{
	__u8 *ends = bpf_map_lookup_elem(&ports, &port);

	return ends && (*ends & end);
}

/* Both in host byte order. */
static __always_inline bool are_ports_taken(__u16 local_port, __u16 remote_port)
{
	return is_port_in(local_port, SOCKFLOW_END_LOCAL) || is_port_in(remote_port, SOCKFLOW_END_REMOTE);
}

static __always_inline bool is_network_in(const struct sockflow_network *address, __u8 end)
{
	__u8 *ends = bpf_map_lookup_elem(&networks, address);

	return ends && (*ends & end);
}

static __always_inline void address_key(struct sockflow_network *key, __u32 word0, __u32 word1, __u32 word2, __u32 word3)
{
	__u32 *words = (__u32 *)key->address;

	key->prefix_bits = ADDRESS_BITS;
	words[0] = word0;
	words[1] = word1;
	words[2] = word2;
	words[3] = word3;
}

static __always_inline bool are_networks_taken(struct bpf_sock_ops *context)
{
	struct sockflow_network key;

	if (context->family == AF_INET) {
		address_key(&key, 0, 0, MAPPED_PREFIX, context->local_ip4);
		if (is_network_in(&key, SOCKFLOW_END_LOCAL))
			return true;
		address_key(&key, 0, 0, MAPPED_PREFIX, context->remote_ip4);
		return is_network_in(&key, SOCKFLOW_END_REMOTE);
	}
	if (context->family != AF_INET6)
		return false;
	address_key(&key, context->local_ip6[0], context->local_ip6[1], context->local_ip6[2], context->local_ip6[3]);
	if (is_network_in(&key, SOCKFLOW_END_LOCAL))
		return true;
	address_key(&key, context->remote_ip6[0], context->remote_ip6[1], context->remote_ip6[2], context->remote_ip6[3]);
	return is_network_in(&key, SOCKFLOW_END_REMOTE);
}

/* What concerns the connection, whatever the event. */
static __always_inline bool is_connection_taken(struct run *run)
{
	struct bpf_sock_ops *context = run->context;

	if (!is_sampled(run->lane.key))
		return false;
	if (config.filters_ports && !are_ports_taken(context->local_port, bpf_ntohl(context->remote_port)))
		return false;
	return !config.filters_networks || are_networks_taken(context);
}

#endif
