#include "libbpf_words.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <mutex>

namespace sockflow {

namespace {

constexpr size_t kMaxTextBytes = 16384;

thread_local std::string* words_of_thread = nullptr;

int Collect(enum libbpf_print_level level, const char* format, va_list arguments) {
  std::string* text = words_of_thread;
  if (level != LIBBPF_WARN || text == nullptr || text->size() > kMaxTextBytes) return 0;
  char line[512];
  const int length = vsnprintf(line, sizeof(line), format, arguments);
  if (length > 0) text->append(line);
  return length;
}

// The callback is the process's: set once, and never back, as another thread may be in it.
void CollectFromNowOn() {
  static std::once_flag once;
  std::call_once(once, [] { libbpf_set_print(Collect); });
}

}  // namespace

LibbpfWords::LibbpfWords() {
  CollectFromNowOn();
  words_of_thread = &text_;
}

LibbpfWords::~LibbpfWords() { words_of_thread = nullptr; }

std::string LibbpfWords::FirstWarning() const {
  std::string line = text_.substr(0, text_.find('\n'));
  const std::string prefix = "libbpf: ";
  if (line.compare(0, prefix.size(), prefix) == 0) line.erase(0, prefix.size());
  return line;
}

}  // namespace sockflow
