/** Why the kernel builds a header, argument 0 of ops 14 and 15. Mirrors BPF_WRITE_HDR_TCP_* in include/uapi/linux/bpf.h; 0 is an ordinary segment. */
export const HdrOptMode = { SEGMENT: 0, CURRENT_MSS: 1, SYNACK_COOKIE: 2 } as const;
/** Why the kernel builds a header. */
export type HdrOptMode = (typeof HdrOptMode)[keyof typeof HdrOptMode];
