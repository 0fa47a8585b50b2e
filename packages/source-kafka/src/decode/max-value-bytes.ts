/** No event or marker in JSON or msgpack is longer: all fields make about 3 KiB, and some room for keys that are not ours. It bounds what a value can cost, and how deep it can be. */
export const MAX_VALUE_BYTES = 65_536;
