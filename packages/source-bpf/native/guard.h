#ifndef SOCKFLOW_NATIVE_GUARD_H_
#define SOCKFLOW_NATIVE_GUARD_H_

#include <napi.h>

#include <new>

#include "failure.h"

namespace sockflow {

// JS thread only. The JavaScript error of a failure: NativeFailure of binding-types.ts.
Napi::Error ToError(Napi::Env env, const Failure& failure);

// JS thread only. Runs the body of a function that JavaScript called; a Failure of it becomes a
// JavaScript exception.
template <typename Body>
auto Guard(Napi::Env env, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const Failure& failure) {
    throw ToError(env, failure);
  } catch (const std::bad_alloc&) {
    throw ToError(env, Failure("open", "malloc", ENOMEM, "memory of the addon"));
  }
}

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_GUARD_H_
