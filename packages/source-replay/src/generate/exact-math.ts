/*
 * Logarithm, exponential and normal deviates out of additions, multiplications, divisions and one square root, which IEEE 754 defines to the last bit: the last
 * bit of Math.log and Math.exp is the engine's choice, and the same seed is to give the same bytes on every one.
 */

const MANTISSA_HIGH = 0x000fffff;
const EXPONENT_BIAS = 1023;
const LN_TERMS = 13;
const EXP_TERMS = 18;

const double = new Float64Array(1);
/** Low word first: every machine that Node runs on is little-endian, as slots are. */
const words = new Uint32Array(double.buffer);

/** Natural logarithm of a normal number above 0; within 4 units of the last place. */
export function ln(value: number): number {
  double[0] = value;
  let exponent = (words[1]! >>> 20) - EXPONENT_BIAS;
  words[1] = (words[1]! & MANTISSA_HIGH) | (EXPONENT_BIAS << 20);
  let mantissa = double[0];
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), and that ratio is at most 0.172.
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let sum = 0;
  for (let term = LN_TERMS; term >= 0; term--) {
    sum = sum * square + 1 / (2 * term + 1);
  }
  return exponent * Math.LN2 + 2 * ratio * sum;
}

/** e to the power of a number between -700 and 700. */
export function exp(value: number): number {
  const doublings = Math.floor(value / Math.LN2 + 0.5);
  const rest = value - doublings * Math.LN2;
  let sum = 1;
  for (let term = EXP_TERMS; term > 0; term--) {
    sum = 1 + (sum * rest) / term;
  }
  words[0] = 0;
  words[1] = (doublings + EXPONENT_BIAS) << 20;
  return sum * double[0]!;
}
