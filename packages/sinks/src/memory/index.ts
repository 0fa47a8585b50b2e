export { memory, type MemoryOptions, type MemorySink } from './memory.ts';
