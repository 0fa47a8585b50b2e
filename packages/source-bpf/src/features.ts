/** What the kernel program may use here. Mirrors SOCKFLOW_CAN_* of bpf/sockflow_source.h, as far as it is asked for on this side. */
export const Feature = {
  TSTAMP: 64,
  TAKE_IN: 256,
} as const;
