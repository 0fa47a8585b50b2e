#ifndef SOCKFLOW_NATIVE_LIBBPF_WORDS_H_
#define SOCKFLOW_NATIVE_LIBBPF_WORDS_H_

#include <string>

namespace sockflow {

// Collects what libbpf says on this thread, which it would print to the process's stderr: its
// warnings name the program, map or BTF type that an errno does not. One at a time per thread.
class LibbpfWords {
 public:
  // Any thread.
  LibbpfWords();
  ~LibbpfWords();
  LibbpfWords(const LibbpfWords&) = delete;
  LibbpfWords& operator=(const LibbpfWords&) = delete;

  // The same thread. The first warning without libbpf's prefix, or nothing.
  std::string FirstWarning() const;

 private:
  std::string text_;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_LIBBPF_WORDS_H_
