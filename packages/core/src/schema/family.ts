/** Address families a sock_ops event can have. Mirrors AF_* in include/linux/socket.h. */
export const Family = { AF_INET: 2, AF_INET6: 10 } as const;
/** A known address family. */
export type Family = (typeof Family)[keyof typeof Family];
/** The name of a known address family. */
export type FamilyName = keyof typeof Family;
