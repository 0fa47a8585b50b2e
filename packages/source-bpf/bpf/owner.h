/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who a socket belongs to: the process that called connect or listen, noted in its storage in that very call, and nowhere else. In other ops the current process
 * is whoever the softirq or the timer interrupted. Accepted sockets get a copy of their listener's entry (BPF_F_CLONE).
 */
#ifndef SOCKFLOW_OWNER_H
#define SOCKFLOW_OWNER_H

#define ROLE_CLIENT 1
#define ROLE_SERVER 2

static __always_inline void note_owner(struct sockflow_socket *kept)
{
	struct task_struct *task;

	kept->owner_pid = 0;
	__builtin_memset(kept->owner_comm, 0, sizeof(kept->owner_comm));
	if (!has_feature(SOCKFLOW_CAN_CURRENT_PID) && !has_feature(SOCKFLOW_CAN_TASK_READ))
		return;
	/* 5.11, so it is there where a helper of 6.16 is. Its command is padded with zeros; by words, as each load is checked. */
	if (has_feature(SOCKFLOW_CAN_CURRENT_COMM) && has_feature(SOCKFLOW_CAN_TASK_READ)) {
		task = bpf_get_current_task_btf();
		kept->owner_pid = task->tgid;
		((__u64 *)kept->owner_comm)[0] = ((__u64 *)task->comm)[0];
		((__u64 *)kept->owner_comm)[1] = ((__u64 *)task->comm)[1];
		return;
	}
	if (has_feature(SOCKFLOW_CAN_CURRENT_PID)) {
		kept->owner_pid = bpf_get_current_pid_tgid() >> 32;
	} else {
		task = (void *)bpf_get_current_task();
		bpf_probe_read_kernel(&kept->owner_pid, sizeof(kept->owner_pid), &task->tgid);
	}
	if (has_feature(SOCKFLOW_CAN_CURRENT_COMM)) {
		bpf_get_current_comm(kept->owner_comm, sizeof(kept->owner_comm));
	} else if (has_feature(SOCKFLOW_CAN_TASK_READ)) {
		task = (void *)bpf_get_current_task();
		bpf_probe_read_kernel(kept->owner_comm, sizeof(kept->owner_comm), &task->comm);
	}
}

static __always_inline void note_establishment(struct sockflow_socket *kept, __u8 role)
{
	kept->role = role;
	if (kept->is_listener) {
		kept->is_listener = 0;
		kept->cookie = 0;
		kept->cgroup_id = 0;
	}
}

/* In process context: connect or listen. */
static __always_inline void note_call(struct sockflow_socket *kept, __u8 role)
{
	kept->role = role;
	kept->is_listener = role == ROLE_SERVER;
	note_owner(kept);
}

#endif
