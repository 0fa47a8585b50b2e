#include "ring_poll.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <node_api.h>

#include <cerrno>
#include <memory>

#include "failure.h"
#include "guard.h"
#include "unique_fd.h"
#include "uv_calls.h"

namespace sockflow {

namespace {

// A descriptor of our own: the source may close its one while a lane still waits.
UniqueFd DuplicateRing(int fd) {
  bpf_map_info map = {};
  __u32 bytes = sizeof(map);
  if (bpf_obj_get_info_by_fd(fd, &map, &bytes) != 0) {
    throw Failure("poll", "bpf_obj_get_info_by_fd", errno, "poll descriptor " + std::to_string(fd));
  }
  if (map.type != BPF_MAP_TYPE_RINGBUF) {
    throw Failure("poll", "bpf_obj_get_info_by_fd", EINVAL, "poll what is no ring buffer");
  }
  UniqueFd duplicate(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!duplicate.IsOpen()) throw Failure("poll", "fcntl", errno, "duplicate a ring's descriptor");
  return duplicate;
}

}  // namespace

// The libuv handle and what must live as long. Ends itself: uv_close tells in a later turn of the
// loop that the handle's memory is free, and an environment that is torn down waits for that by way
// of the cleanup hook.
class RingPoll::Handle {
 public:
  // JS thread only, all of them.
  Handle(Napi::Env env, RingPoll* wrapper, UniqueFd fd)
      : env_(env), context_(env, "SockflowRingPoll"), wrapper_(wrapper), fd_(std::move(fd)) {
    memory_.reset(new char[uv_handle_size(UV_POLL)]);
    uv_loop_t* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
      throw Failure("poll", "napi_get_uv_event_loop", EINVAL, "poll a ring");
    }
    const int result = uv_poll_init(loop, poll(), fd_.get());
    if (result != 0) throw Failure("poll", "uv_poll_init", -result, "poll a ring");
    uv_handle_set_data(handle(), this);
    uv_unref(handle());
    napi_add_async_cleanup_hook(env, OnTeardown, this, &hook_);
  }

  ~Handle() { Forget(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  void Start(Napi::Function on_readable) {
    Forget();
    if (napi_create_reference(env_, on_readable, 1, &callback_) != napi_ok) {
      throw Failure("poll", "napi_create_reference", EINVAL, "keep the callback of a poll");
    }
    const int result = uv_poll_start(poll(), UV_READABLE, OnReadable);
    if (result != 0) throw Failure("poll", "uv_poll_start", -result, "poll a ring");
    if (!is_started_) wrapper_->Ref();
    is_started_ = true;
  }

  void Stop() {
    if (!is_started_) return;
    uv_poll_stop(poll());
    Settle();
  }

  // VALID UNTIL here: the wrapper forgets this object. Without a call, and also where the
  // environment is torn down.
  void Close() {
    if (wrapper_ != nullptr) {
      Settle();
      wrapper_->handle_ = nullptr;
      wrapper_ = nullptr;
    }
    if (is_closing_) return;
    is_closing_ = true;
    uv_close(handle(), OnClosed);
  }

  // The wrapper is being destroyed.
  void Abandon() {
    wrapper_ = nullptr;
    Close();
  }

 private:
  // What follows runs in callbacks of libuv and of the environment's end, too. It calls Node-API
  // itself, not its C++ wrapper: that throws, and nobody there would catch it.

  // A poll that was started is not collected before it has called back.
  void Settle() {
    Forget();
    if (is_started_) napi_reference_unref(env_, *wrapper_, nullptr);
    is_started_ = false;
  }

  void Forget() {
    if (callback_ != nullptr) napi_delete_reference(env_, callback_);
    callback_ = nullptr;
  }

  uv_poll_t* poll() { return reinterpret_cast<uv_poll_t*>(memory_.get()); }
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(memory_.get()); }

  // In a worker that is being ended no call can be made, and no error of that either.
  static void OnReadable(uv_poll_t* poll, int /*status*/, int /*events*/) {
    auto* self = static_cast<Handle*>(uv_handle_get_data(reinterpret_cast<uv_handle_t*>(poll)));
    uv_poll_stop(poll);
    const napi_env env = self->env_;
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    napi_value global = nullptr;
    napi_value callback = nullptr;
    napi_get_global(env, &global);
    napi_get_reference_value(env, self->callback_, &callback);
    self->Settle();
    const napi_status status =
        napi_make_callback(env, self->context_, global, callback, 0, nullptr, nullptr);
    // Nobody called us: what was thrown is an uncaught exception of this thread.
    napi_value exception = nullptr;
    if (status == napi_pending_exception &&
        napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
      napi_fatal_exception(env, exception);
    }
    napi_close_handle_scope(env, scope);
  }

  static void OnTeardown(napi_async_cleanup_hook_handle /*hook*/, void* data) {
    static_cast<Handle*>(data)->Close();
  }

  static void OnClosed(uv_handle_t* handle) {
    auto* self = static_cast<Handle*>(uv_handle_get_data(handle));
    const napi_async_cleanup_hook_handle hook = self->hook_;
    delete self;
    // Last: the environment may end with it.
    napi_remove_async_cleanup_hook(hook);
  }

  Napi::Env env_;
  Napi::AsyncContext context_;
  // nullptr once it is closed or gone.
  RingPoll* wrapper_;
  UniqueFd fd_;
  std::unique_ptr<char[]> memory_;
  napi_ref callback_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  bool is_started_ = false;
  bool is_closing_ = false;
};

Napi::Function RingPoll::Define(Napi::Env env) {
  return DefineClass(
      env, "RingPoll",
      {InstanceMethod("start", &RingPoll::Start), InstanceMethod("stop", &RingPoll::Stop),
       InstanceMethod("close", &RingPoll::Close)});
}

RingPoll::RingPoll(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RingPoll>(info) {
  Guard(info.Env(), [&] {
    handle_ = new Handle(info.Env(), this, DuplicateRing(info[0].ToNumber().Int32Value()));
  });
}

RingPoll::~RingPoll() {
  if (handle_ != nullptr) handle_->Abandon();
}

void RingPoll::Start(const Napi::CallbackInfo& info) {
  Guard(info.Env(), [&] {
    if (handle_ == nullptr) throw Failure("closed", "start", EBADF, "wait for a ring");
    handle_->Start(info[0].As<Napi::Function>());
  });
}

void RingPoll::Stop(const Napi::CallbackInfo& /*info*/) {
  if (handle_ != nullptr) handle_->Stop();
}

void RingPoll::Close(const Napi::CallbackInfo& /*info*/) {
  if (handle_ != nullptr) handle_->Close();
}

}  // namespace sockflow
