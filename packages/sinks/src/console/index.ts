export { console, type ConsoleOptions } from './console.ts';
