export { ordered, type OrderedOptions } from './ordered.ts';
