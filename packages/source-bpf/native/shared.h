// The two C headers that the kernel programs share with the addon, in C++.
#ifndef SOCKFLOW_NATIVE_SHARED_H_
#define SOCKFLOW_NATIVE_SHARED_H_

#include <linux/types.h>

#define _Static_assert static_assert
#include "sockflow_event.h"
#include "sockflow_source.h"
#undef _Static_assert

#endif  // SOCKFLOW_NATIVE_SHARED_H_
