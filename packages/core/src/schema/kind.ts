/** What a slot is: an op event of the kernel, or one of the framework's own. Zero is no kind, so that zeroed memory is never an event. */
export const Kind = {
  OP: 1, // a sock_ops event, laid out as the field table says
  RTT_SUMMARY: 2, // RTT samples of one socket, folded; overlays bytes 144-255
  SNAPSHOT: 3, // a connection that was there before the program; the op event's layout, op 0
  LOSS_MARKER: 4, // events that were lost here, by class; overlays bytes 144-255
  CLOCK_ANCHOR: 5, // boot time against wall time; overlays bytes 144-255
} as const;
/** A known kind of slot. */
export type Kind = (typeof Kind)[keyof typeof Kind];
/** The name of a known kind of slot. */
export type KindName = keyof typeof Kind;
