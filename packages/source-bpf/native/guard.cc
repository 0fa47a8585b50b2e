#include "guard.h"

namespace sockflow {

Napi::Error ToError(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.Message());
  error.Set("step", failure.step());
  error.Set("syscall", failure.syscall());
  error.Set("errno", Napi::Number::New(env, failure.error_number()));
  error.Set("errnoName", ErrnoName(failure.error_number()));
  if (!failure.verifier_log().empty()) error.Set("verifierLog", failure.verifier_log());
  return error;
}

}  // namespace sockflow
