#ifndef SOCKFLOW_NATIVE_OBJECT_H_
#define SOCKFLOW_NATIVE_OBJECT_H_

#include <linux/types.h>

#include <vector>

#include "config.h"
#include "unique_fd.h"

struct bpf_link;
struct bpf_map;
struct bpf_object;
struct bpf_program;

namespace sockflow {

// The kernel programs and maps of one source, loaded. One thread at a time.
class KernelObject {
 public:
  // Any thread. Opens the compiled object, freezes the configuration into it, loads it, makes the
  // rings and fills the filters. Throws Failure.
  KernelObject(const SourceConfig& config, __u32 features);
  // Closes everything: the kernel takes back what nobody maps or polls any more.
  ~KernelObject();
  KernelObject(const KernelObject&) = delete;
  KernelObject& operator=(const KernelObject&) = delete;

  const sockflow_config& config() const { return config_; }
  // Descriptors, VALID UNTIL this object is gone.
  int RingFd(__u32 lane) const { return rings_.at(lane).get(); }
  int MapFd(const char* name) const;
  int EventProgramFd() const;
  // nullptr where the object has no such program, or it is not loaded.
  bpf_program* LoadedProgram(const char* name) const;

  // Attaches the event program to the cgroup.
  void Attach();
  // Detaches and waits until no run of the program is under way.
  void Detach();

 private:
  void Open(const SourceConfig& config);
  void Freeze();
  void ChoosePrograms(const SourceConfig& config);
  void SizeMaps(const SourceConfig& config);
  void Load();
  void MakeRings();
  void FillFilters(const SourceConfig& config);
  bpf_map* FindMap(const char* name) const;
  void EndLink();
  void WaitForRuns();
  void Close();

  sockflow_config config_;
  UniqueFd cgroup_fd_;
  std::string cgroup_path_;
  // OWNERSHIP of the three: this object's.
  bpf_object* object_ = nullptr;
  bpf_link* link_ = nullptr;
  std::vector<UniqueFd> rings_;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_OBJECT_H_
