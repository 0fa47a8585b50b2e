/* Addresses as the context gives them: network byte order in little-endian words. */

export const UNSPECIFIED_IP6: readonly number[] = [0, 0, 0, 0];
/** What `inet_rcv_saddr` and so `local_ip4` hold on an AF_INET6 socket: LOOPBACK4_IPV6 of include/net/ipv6.h, 127.0.0.6. */
export const RUBBISH_IP4: number = ipv4(127, 0, 0, 6);

const MAPPED_PREFIX = 0xffff0000;

export function ipv4(a: number, b: number, c: number, d: number): number {
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

/** An IPv6 address of a /16 and a /32's number, with the host part given. */
export function ipv6(prefix: number, network: number, host: number): number[] {
  return [swap16(prefix) | (swap16(network) << 16), 0, 0, host].map((word) => word >>> 0);
}

export function ipv4Mapped(ip4: number): number[] {
  return [0, 0, MAPPED_PREFIX, ip4];
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}
