/** Which end of the connection the socket is; 0 in a slot means it is not known. */
export const Role = { CLIENT: 1, SERVER: 2 } as const;
/** Which end of the connection the socket is. */
export type Role = (typeof Role)[keyof typeof Role];
/** The name of a known role. */
export type RoleName = keyof typeof Role;
