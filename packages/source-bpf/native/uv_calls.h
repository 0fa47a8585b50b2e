// The few calls of libuv that polling needs. Node exports them; their headers come with Node's own
// installation only, so they are declared here. libuv keeps their ABI within version 1, and handles
// are allocated by the size that it gives. `make check-abi` compares all of this with uv.h.
#ifndef SOCKFLOW_NATIVE_UV_CALLS_H_
#define SOCKFLOW_NATIVE_UV_CALLS_H_

#ifdef SOCKFLOW_REAL_UV
#include <uv.h>
#else

#include <cstddef>

extern "C" {
struct uv_loop_s;
typedef struct uv_loop_s uv_loop_t;
struct uv_handle_s;
typedef struct uv_handle_s uv_handle_t;
struct uv_poll_s;
typedef struct uv_poll_s uv_poll_t;
typedef void (*uv_close_cb)(uv_handle_t* handle);
typedef void (*uv_poll_cb)(uv_poll_t* handle, int status, int events);

enum uv_handle_type { UV_POLL = 8 };
enum uv_poll_event { UV_READABLE = 1 };

size_t uv_handle_size(uv_handle_type type);
void uv_handle_set_data(uv_handle_t* handle, void* data);
void* uv_handle_get_data(const uv_handle_t* handle);
int uv_poll_init(uv_loop_t* loop, uv_poll_t* handle, int fd);
int uv_poll_start(uv_poll_t* handle, int events, uv_poll_cb callback);
int uv_poll_stop(uv_poll_t* handle);
void uv_unref(uv_handle_t* handle);
void uv_close(uv_handle_t* handle, uv_close_cb callback);
}

#endif

#endif  // SOCKFLOW_NATIVE_UV_CALLS_H_
