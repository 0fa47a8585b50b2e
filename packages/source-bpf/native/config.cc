#include "config.h"

#include <cstring>

namespace sockflow {

namespace {

std::string ReadString(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) {
    throw Napi::TypeError::New(object.Env(), std::string(name) + ": expected a string");
  }
  return value.As<Napi::String>().Utf8Value();
}

__u32 ReadU32(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) {
    throw Napi::TypeError::New(object.Env(), std::string(name) + ": expected a number");
  }
  return value.As<Napi::Number>().Uint32Value();
}

__u64 ReadU64(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsBigInt()) {
    throw Napi::TypeError::New(object.Env(), std::string(name) + ": expected a bigint");
  }
  bool is_lossless = false;
  return value.As<Napi::BigInt>().Uint64Value(&is_lossless);
}

bool ReadBool(const Napi::Object& object, const char* name) {
  return object.Get(name).ToBoolean().Value();
}

void ReadPair(const Napi::Object& object, const char* name, __u32* from, __u32* all) {
  const Napi::Object pair = object.Get(name).ToObject();
  *from = pair.Get(0U).ToNumber().Uint32Value();
  *all = pair.Get(1U).ToNumber().Uint32Value();
}

// A Map is read as the array of its entries.
Napi::Array EntriesOf(const Napi::Object& map) {
  const Napi::Object array_class = map.Env().Global().Get("Array").As<Napi::Object>();
  return array_class.Get("from").As<Napi::Function>().Call(array_class, {map}).As<Napi::Array>();
}

void ReadPorts(const Napi::Object& object, SourceConfig* config) {
  const Napi::Value value = object.Get("ports");
  if (value.IsUndefined()) return;
  config->frozen.filters_ports = 1;
  const Napi::Array entries = EntriesOf(value.As<Napi::Object>());
  for (__u32 i = 0; i < entries.Length(); i++) {
    const Napi::Object entry = entries.Get(i).As<Napi::Object>();
    const __u32 port = entry.Get(0U).ToNumber().Uint32Value();
    const __u32 ends = entry.Get(1U).ToNumber().Uint32Value();
    config->ports.emplace_back(static_cast<__u16>(port), static_cast<__u8>(ends));
  }
}

void ReadNetworks(const Napi::Object& object, SourceConfig* config) {
  const Napi::Value value = object.Get("networks");
  if (value.IsUndefined()) return;
  config->frozen.filters_networks = 1;
  const Napi::Array networks = value.As<Napi::Array>();
  for (__u32 i = 0; i < networks.Length(); i++) {
    const Napi::Object network = networks.Get(i).As<Napi::Object>();
    const Napi::Value address = network.Get("address");
    if (!address.IsTypedArray() || address.As<Napi::TypedArray>().ByteLength() != 16) {
      throw Napi::TypeError::New(object.Env(), "address: expected a Uint8Array of 16 bytes");
    }
    sockflow_network key = {};
    key.prefix_bits = ReadU32(network, "prefixBits");
    std::memcpy(key.address, address.As<Napi::Uint8Array>().Data(), sizeof(key.address));
    config->networks.emplace_back(key, static_cast<__u8>(ReadU32(network, "ends")));
  }
}

}  // namespace

SourceConfig ReadConfig(const Napi::Object& object) {
  SourceConfig config = {};
  config.object_path = ReadString(object, "objectPath");
  config.cgroup_path = ReadString(object, "cgroupPath");
  if (object.Get("btfPath").IsString()) config.btf_path = ReadString(object, "btfPath");
  config.without_features = ReadU32(object, "withoutFeatures");

  sockflow_config& frozen = config.frozen;
  frozen.ops_mask = ReadU64(object, "opsMask");
  if (!object.Get("filterOpsMask").IsUndefined()) {
    frozen.filters_ops = 1;
    frozen.filter_ops_mask = ReadU64(object, "filterOpsMask");
  }
  frozen.fold_interval_ns = ReadU64(object, "foldIntervalNs");
  frozen.lanes = ReadU32(object, "lanes");
  if (frozen.lanes == 0 || frozen.lanes > SOCKFLOW_MAX_LANES) {
    throw Napi::RangeError::New(object.Env(), "lanes: expected 1 to 64");
  }
  frozen.ring_bytes = ReadU32(object, "ringBytes");
  ReadPair(object, "shedFirst", &frozen.shed_first_from, &frozen.shed_first_all);
  ReadPair(object, "shedLast", &frozen.shed_last_from, &frozen.shed_last_all);
  frozen.sample_threshold = ReadU32(object, "sampleThreshold");
  frozen.kinds_mask = ReadU32(object, "kindsMask");
  frozen.cb_flags = static_cast<__u8>(ReadU32(object, "cbFlags"));
  frozen.rtt_mode = static_cast<__u8>(ReadU32(object, "rttMode"));
  frozen.ecn_on_request_only = ReadBool(object, "ecnOnRequestOnly");
  frozen.request_tstamp = ReadBool(object, "requestTstamp");
  ReadPorts(object, &config);
  ReadNetworks(object, &config);
  return config;
}

}  // namespace sockflow
