/** How a field lies in the slot; little-endian, as on every machine that Linux's BPF programs of this project run on. */
export type FieldType = 'u8' | 'u16' | 'u32' | 'u64' | 'u32x4' | 'char16' | 'bits';

/**
 * When a field means something. The rule of each class is in `presence-rule.ts`, generated from it for C and TypeScript.
 *
 *   always     in every event
 *   ip4, ip6   where the family is AF_INET, AF_INET6
 *   args       where the op has arguments (8, 9, 10, 14, 15, unknown ops); op 12 where one is not zero (kernels before 6.10 give none)
 *   fullsock   where is_fullsock: read through `sk`
 *   tcp        where is_fullsock and the op is not 16-20: there the kernel gives zeros for every field of the tcp_sock
 *   skb        where the event has a segment: ops 4, 5, 13, 15 and unknown ones with skb_data, op 14 unless arg 0 is 1, ops 16-20
 *   tcpFlags   the same without ops 16-18
 *   hwtstamp   where not zero: zero is "no stamp"
 *   owner      where owner_pid is not zero: somebody knew which process the socket belongs to
 *   role       where not zero: it was seen which end called connect or listen
 *   tskey      ops 16-20
 *   header     where the slot has a TCP header section
 */
export type PresenceClass =
  | 'always'
  | 'ip4'
  | 'ip6'
  | 'args'
  | 'fullsock'
  | 'tcp'
  | 'skb'
  | 'tcpFlags'
  | 'hwtstamp'
  | 'owner'
  | 'role'
  | 'tskey'
  | 'header';

/** One field of the record: where it lies, what the kernel calls it, when it means something. */
export interface FieldSpec {
  /** The kernel's name (`struct bpf_sock_ops`), or ours for what an observer adds; also the C member and the context-json key. */
  readonly name: string;
  /** Byte offset from the start of the slot, the ring's 8-byte header included. */
  readonly offset: number;
  readonly type: FieldType;
  /** For `bits`: which bits of the byte at `offset`. */
  readonly bits?: { readonly shift: number; readonly width: number };
  /** `kernel`: a field of `struct bpf_sock_ops`; `observer`: what a program adds. */
  readonly from: 'kernel' | 'observer';
  /** How the kernel gives it, where that is wider or otherwise stored than here; the narrowing is reversible. */
  readonly narrowed?: 'u32' | 'upper half of u32';
  readonly presence: PresenceClass;
  /** The bit of the presence word, 0 to 63. */
  readonly bit: number;
  /** Kernel that has it first. */
  readonly since: string;
  /** Unit of the value as it lies in the slot, and traps. */
  readonly doc: string;
}
