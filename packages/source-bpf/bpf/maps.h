/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps and the settings; who writes what: sockflow_source.h. Numbers of entries of rings, words, gaps and counters are set to the number of lanes before loading. */
#ifndef SOCKFLOW_MAPS_H
#define SOCKFLOW_MAPS_H

/* Frozen before loading: the verifier knows every field, and leaves out what a setting switches off. So an old kernel never sees what only a new one has. */
const volatile struct sockflow_config config SEC(".rodata.config");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SOCKFLOW_MAX_LANES);
	__uint(key_size, sizeof(__u32));
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_RINGBUF);
		__uint(max_entries, 4096);
	});
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SOCKFLOW_MAX_LANES);
	__type(key, __u32);
	__type(value, struct sockflow_lane_word);
} lane_words SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SOCKFLOW_MAX_LANES);
	__type(key, __u32);
	__type(value, struct sockflow_gap);
} gaps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SOCKFLOW_MAX_LANES);
	__type(key, __u32);
	__type(value, struct sockflow_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u16);
	__type(value, __u8);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sockflow_network);
	__type(value, __u8);
} networks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct sockflow_socket);
} sockets SEC(".maps");

static __always_inline bool has_feature(__u32 feature)
{
	return (config.features & feature) != 0;
}

#endif
