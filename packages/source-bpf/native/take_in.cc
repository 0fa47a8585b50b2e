#include "take_in.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>

#include "counters.h"
#include "failure.h"
#include "libbpf_words.h"
#include "unique_fd.h"

namespace sockflow {

namespace {

// `map_fd` 0: an iterator over no map.
void Iterate(const bpf_program* program, const char* what, int map_fd) {
  const LibbpfWords words;
  bpf_iter_link_info info = {};
  info.map.map_fd = static_cast<__u32>(map_fd);
  LIBBPF_OPTS(bpf_iter_attach_opts, options);
  if (map_fd != 0) {
    options.link_info = &info;
    options.link_info_len = sizeof(info);
  }
  bpf_link* link = bpf_program__attach_iter(program, &options);
  if (link == nullptr) throw Failure("iterate", "bpf_link_create", errno, what);
  // The iterator takes the network namespace of the thread that makes it.
  const UniqueFd iterator(bpf_iter_create(bpf_link__fd(link)));
  const int error_number = errno;
  bpf_link__destroy(link);
  if (!iterator.IsOpen()) throw Failure("iterate", "bpf_iter_create", error_number, what);
  char output[4096];
  for (;;) {
    const ssize_t bytes = read(iterator.get(), output, sizeof(output));
    if (bytes == 0) return;
    if (bytes < 0 && errno != EINTR && errno != EAGAIN) {
      throw Failure("iterate", "read", errno, what);
    }
  }
}

// In a thread of its own, which ends: no thread of ours ever comes back to another namespace.
void IterateInNetns(const bpf_program* program, const char* what, const std::string& netns_path) {
  std::exception_ptr thrown;
  const auto iterate = [&] {
    try {
      const UniqueFd netns(open(netns_path.c_str(), O_RDONLY | O_CLOEXEC));
      if (!netns.IsOpen()) throw Failure("iterate", "open", errno, "enter " + netns_path);
      if (setns(netns.get(), CLONE_NEWNET) != 0) {
        throw Failure("iterate", "setns", errno, "enter " + netns_path);
      }
      Iterate(program, what, 0);
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  try {
    std::thread(iterate).join();
  } catch (const std::system_error& error) {
    throw Failure("iterate", "clone", error.code().value(), "start a thread for " + netns_path);
  }
  if (thrown) std::rethrow_exception(thrown);
}

void IterateSockets(const bpf_program* program, const char* what, const std::string& netns_path) {
  if (netns_path.empty()) {
    Iterate(program, what, 0);
  } else {
    IterateInNetns(program, what, netns_path);
  }
}

__u64 TakenIn(const KernelObject& object) {
  __u64 taken_in = 0;
  for (__u32 lane = 0; lane < object.config().lanes; lane++) {
    taken_in += ReadCounters(object, lane).sums.taken_in;
  }
  return taken_in;
}

bool Release(const KernelObject& object, const std::vector<std::string>& netns_paths) {
  const bpf_program* release = object.LoadedProgram("sockflow_release");
  if (release == nullptr) return false;
  bool is_complete = true;
  std::vector<std::string> paths = {""};
  paths.insert(paths.end(), netns_paths.begin(), netns_paths.end());
  for (const std::string& path : paths) {
    try {
      IterateSockets(release, "take cb flags back", path);
    } catch (const Failure&) {
      is_complete = false;
    }
  }
  return is_complete;
}

}  // namespace

__u64 TakeIn(const KernelObject& object, const std::string& netns_path) {
  const bpf_program* take_in = object.LoadedProgram("sockflow_take_in");
  if (take_in == nullptr) {
    throw Failure("iterate", "bpf_link_create", EOPNOTSUPP, "take in existing connections");
  }
  const __u64 before = TakenIn(object);
  IterateSockets(take_in, "take in existing connections", netns_path);
  return TakenIn(object) - before;
}

Flushed Flush(const KernelObject& object, const std::vector<std::string>& netns_paths,
              bool keeps_flags) {
  Flushed flushed = {};
  const bpf_program* flush = object.LoadedProgram("sockflow_flush");
  if (flush != nullptr) {
    Iterate(flush, "flush RTT summaries", object.MapFd("sockets"));
    flushed.summaries = true;
  }
  flushed.flags = !keeps_flags && Release(object, netns_paths);
  return flushed;
}

}  // namespace sockflow
