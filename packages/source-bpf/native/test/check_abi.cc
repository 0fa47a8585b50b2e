// Compares what uv_calls.h declares by hand with the real header. Compiled, never linked.
#define uv_handle_type checked_handle_type
#define uv_poll_event checked_poll_event
#define UV_POLL CHECKED_UV_POLL
#define UV_READABLE CHECKED_UV_READABLE
#define uv_close_cb checked_close_cb
#define uv_poll_cb checked_poll_cb
#define uv_handle_size checked_handle_size
#define uv_handle_set_data checked_handle_set_data
#define uv_handle_get_data checked_handle_get_data
#define uv_poll_init checked_poll_init
#define uv_poll_start checked_poll_start
#define uv_poll_stop checked_poll_stop
#define uv_unref checked_unref
#define uv_close checked_close
#include "uv_calls.h"
#undef uv_handle_type
#undef uv_poll_event
#undef UV_POLL
#undef UV_READABLE
#undef uv_close_cb
#undef uv_poll_cb
#undef uv_handle_size
#undef uv_handle_set_data
#undef uv_handle_get_data
#undef uv_poll_init
#undef uv_poll_start
#undef uv_poll_stop
#undef uv_unref
#undef uv_close

#include <uv.h>

#include <type_traits>

template <typename Ours, typename Theirs>
constexpr bool kIsSame = std::is_same<Ours, Theirs>::value;

static_assert(static_cast<int>(CHECKED_UV_POLL) == static_cast<int>(UV_POLL), "UV_POLL");
static_assert(static_cast<int>(CHECKED_UV_READABLE) == static_cast<int>(UV_READABLE),
              "UV_READABLE");
static_assert(sizeof(checked_handle_type) == sizeof(uv_handle_type), "uv_handle_type");
static_assert(kIsSame<checked_close_cb, uv_close_cb>, "uv_close_cb");
static_assert(kIsSame<checked_poll_cb, uv_poll_cb>, "uv_poll_cb");
static_assert(kIsSame<decltype(checked_handle_set_data), decltype(uv_handle_set_data)>, "set_data");
static_assert(kIsSame<decltype(checked_handle_get_data), decltype(uv_handle_get_data)>, "get_data");
static_assert(kIsSame<decltype(checked_poll_init), decltype(uv_poll_init)>, "uv_poll_init");
static_assert(kIsSame<decltype(checked_poll_start), decltype(uv_poll_start)>, "uv_poll_start");
static_assert(kIsSame<decltype(checked_poll_stop), decltype(uv_poll_stop)>, "uv_poll_stop");
static_assert(kIsSame<decltype(checked_unref), decltype(uv_unref)>, "uv_unref");
static_assert(kIsSame<decltype(checked_close), decltype(uv_close)>, "uv_close");
