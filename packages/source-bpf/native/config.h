#ifndef SOCKFLOW_NATIVE_CONFIG_H_
#define SOCKFLOW_NATIVE_CONFIG_H_

#include <napi.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared.h"

namespace sockflow {

// NativeConfig of binding-types.ts: what the maps are filled with beside struct sockflow_config.
struct SourceConfig {
  std::string object_path;
  std::string cgroup_path;
  // Empty: the kernel's own.
  std::string btf_path;
  __u32 without_features;
  // `features`, `captured` and what is of the cgroup are still 0.
  sockflow_config frozen;
  std::vector<std::pair<__u16, __u8>> ports;
  std::vector<std::pair<sockflow_network, __u8>> networks;
};

// JS thread only. Throws a JavaScript TypeError for what binding-types.ts does not allow.
SourceConfig ReadConfig(const Napi::Object& object);

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_CONFIG_H_
