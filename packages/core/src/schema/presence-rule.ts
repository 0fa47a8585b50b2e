import type { PresenceClass } from './field-spec.ts';

/**
 * When each class of fields means something, as one expression for both languages: the generator turns `==` and `!=` into `===` and `!==` for TypeScript.
 *
 * Variables: op, family, is_fullsock, role, owner_pid, has_skb, arg0, arg1, hwtstamp_set (0 or 1), header_length (bytes).
 * The result is still masked with the fields that the loader could read at all (`captured`).
 */
export const PRESENCE_RULE: Readonly<Record<PresenceClass, string>> = {
  always: '1 == 1',
  ip4: 'family == 2',
  ip6: 'family == 10',
  args: 'op == 8 || op == 9 || op == 10 || op == 14 || op == 15 || op > 20 || (op == 12 && (arg0 != 0 || arg1 != 0))',
  fullsock: 'is_fullsock == 1',
  tcp: 'is_fullsock == 1 && (op < 16 || op > 20)',
  skb: '((op == 4 || op == 5 || op == 13 || op == 15 || op > 20) && has_skb == 1) || (op == 14 && arg0 != 1) || (op >= 16 && op <= 20)',
  tcpFlags:
    '((op == 4 || op == 5 || op == 13 || op == 15 || op > 20) && has_skb == 1) || (op == 14 && arg0 != 1) || op == 19 || op == 20',
  hwtstamp: 'hwtstamp_set == 1',
  owner: 'owner_pid != 0',
  role: 'role != 0',
  tskey: 'op >= 16 && op <= 20',
  header: 'header_length != 0',
};

/** Classes that an RTT summary can have; markers have only `ts_boot_ns` and `cpu`. */
export const RTT_SUMMARY_CLASSES: readonly PresenceClass[] = [
  'always',
  'ip4',
  'ip6',
  'fullsock',
  'owner',
  'role',
];
