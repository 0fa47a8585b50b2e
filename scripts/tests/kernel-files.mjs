/** Beside those that say so by their name. The packed packages are among them for what installing them costs. */
const KERNEL_FILES =
  /^e2e\/src\/((kernel|kernel-faults)\/|cli\/(bad-kernel|doctor|record|record-stdout|watch)\.|(bench|demo|examples|packed-native|packed-packages)\.)/;

/**
 * Whether a test file attaches programs to the kernel, or counts what others attach: such run one at a time. A program on the root cgroup asks for callbacks on every socket there is.
 *
 * @param source its path in the workspace
 */
export function isOfKernel(source) {
  return source.endsWith('.kernel.test.ts') || KERNEL_FILES.test(source);
}
