// Kernel memory as SharedArrayBuffers. Node-API can make a SharedArrayBuffer only of memory of its
// own, so this file, and no other, calls V8:
//
//   v8::SharedArrayBuffer::NewBackingStore(void*, size_t, deleter, void*)
//   v8::SharedArrayBuffer::New(v8::Isolate*, std::shared_ptr<v8::BackingStore>)
//
// Both are looked up by name when they are needed. A Node that has them no longer loads the addon
// all the same, and rings are copied instead. For the same reason none of V8's headers is included:
// they would tie the binary to one version of V8 and to the C++ of its headers.
//
// The deleter runs in whatever thread drops the last reference, after the addon's environment may
// be gone: it only unmaps, and the library stays loaded (linked with -z nodelete).
#include "ring_map.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "failure.h"

namespace v8 {
class Isolate;
class BackingStore;
class SharedArrayBuffer;
}  // namespace v8

namespace sockflow {

namespace {

using Deleter = void (*)(void* data, size_t bytes, void* deleter_data);

// std::unique_ptr<v8::BackingStore> as it crosses a call: one pointer, in memory since it has a
// destructor. What it owns is given to SharedStore at once.
struct UniqueStore {
  v8::BackingStore* store;
  UniqueStore(const UniqueStore&) = delete;
  ~UniqueStore() {}
};

// v8::Local<v8::SharedArrayBuffer>: one pointer, in a register.
struct LocalBuffer {
  void* slot;
};

// The functions of V8; `is_complete` where this Node has all of them.
struct V8Calls {
  v8::Isolate* (*get_isolate)();
  UniqueStore (*new_backing_store)(void*, size_t, Deleter, void*);
  LocalBuffer (*new_buffer)(v8::Isolate*, std::shared_ptr<v8::BackingStore>);
  void (*destroy_backing_store)(v8::BackingStore*);
  bool is_complete;
};

template <typename Function>
bool Find(const char* symbol, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, symbol));
  return *function != nullptr;
}

V8Calls FindCalls() {
  V8Calls calls = {};
  calls.is_complete =
      Find("_ZN2v87Isolate10GetCurrentEv", &calls.get_isolate) &&
      Find("_ZN2v817SharedArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_",
           &calls.new_backing_store) &&
      Find("_ZN2v817SharedArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE",
           &calls.new_buffer) &&
      Find("_ZN2v812BackingStoreD1Ev", &calls.destroy_backing_store);
  return calls;
}

const V8Calls& Calls() {
  static const V8Calls calls = FindCalls();
  return calls;
}

// What std::default_delete<v8::BackingStore> does.
void DeleteStore(v8::BackingStore* store) {
  Calls().destroy_backing_store(store);
  ::operator delete(static_cast<void*>(store));
}

// Any thread.
void Unmap(void* data, size_t bytes, void* /*deleter_data*/) { munmap(data, bytes); }

}  // namespace

Napi::Value MapShared(Napi::Env env, int fd, size_t offset, size_t bytes, bool is_writable) {
  const V8Calls& calls = Calls();
  if (!calls.is_complete) {
    throw Failure("map", "dlsym", ENOSYS, "share kernel memory with JavaScript on this Node");
  }
  const int protection = is_writable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* data = mmap(nullptr, bytes, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) {
    throw Failure("map", "mmap", errno, "map " + std::to_string(bytes) + " bytes of a BPF map");
  }
  // OWNERSHIP: from here on the mapping is the backing store's.
  const UniqueStore unique = calls.new_backing_store(data, bytes, Unmap, nullptr);
  std::shared_ptr<v8::BackingStore> shared(unique.store, DeleteStore);
  const LocalBuffer buffer = calls.new_buffer(calls.get_isolate(), std::move(shared));
  // A napi_value is the slot of a Local: JsValueFromV8LocalValue in node's js_native_api_v8.h.
  return Napi::Value(env, static_cast<napi_value>(buffer.slot));
}

Napi::Object MapRing(Napi::Env env, int ring_fd, size_t capacity_bytes) {
  const auto page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  Napi::Object ring = Napi::Object::New(env);
  ring.Set("capacityBytes", Napi::Number::New(env, static_cast<double>(capacity_bytes)));
  ring.Set("pageBytes", Napi::Number::New(env, static_cast<double>(page_bytes)));
  // As libbpf maps it: the kernel refuses a writable mapping beyond the first page.
  ring.Set("consumerPage", MapShared(env, ring_fd, 0, page_bytes, true));
  ring.Set("producerPageAndData",
           MapShared(env, ring_fd, page_bytes, page_bytes + 2 * capacity_bytes, false));
  return ring;
}

}  // namespace sockflow
