import { register } from 'node:module';

let isRegistered = false;

/**
 * Lets this thread import TypeScript from now on, on every Node in the same way. Threads do not inherit module hooks: each calls it for itself.
 *
 * Not by `module.registerHooks`, which would spare the hooks thread (60 ms): Node 20 lacks it.
 */
export function ensureTypeStripping(): void {
  if (isRegistered) return;
  isRegistered = true;
  register(
    new URL(
      import.meta.url.endsWith('.ts') ? './type-strip-hooks.ts' : './type-strip-hooks.js',
      import.meta.url,
    ),
  );
}
