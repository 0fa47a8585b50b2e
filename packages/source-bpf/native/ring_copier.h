#ifndef SOCKFLOW_NATIVE_RING_COPIER_H_
#define SOCKFLOW_NATIVE_RING_COPIER_H_

#include <linux/types.h>

#include <cstddef>

namespace sockflow {

// RING_PAGE_BYTES of core's slot/ring/layout.ts.
constexpr size_t kRingPageBytes = 4096;

// A SAB ring as core lays it out (slot/ring/layout.ts, R1 to R11): the copier is its producer.
struct SharedRing {
  const __u8* consumer_page;
  __u8* producer_page;
  __u8* data;
  __u32 capacity_bytes;
};

// Moves slots from a BPF ring buffer into a SAB ring: the consumer of the one and the producer of
// the other. One thread at a time.
class RingCopier {
 public:
  // Maps the ring; the descriptor is not needed afterwards. Throws Failure of step `map`.
  RingCopier(int ring_fd, const SharedRing& target);
  ~RingCopier();
  RingCopier(const RingCopier&) = delete;
  RingCopier& operator=(const RingCopier&) = delete;

  // Copies what is published and fits. Returns bytes copied. Throws Failure of step `map` where the
  // ring holds what is no slot.
  size_t Copy();
  // Bytes of the kernel's ring that are reserved, and that were copied or passed over, so far.
  __u64 ReservedPosition() const;
  __u64 CopiedPosition() const { return source_position_; }

 private:
  bool CopySlot(const __u8* slot, __u32 slot_bytes);
  bool MakeRoom(__u32 slot_bytes);
  void ReleaseSource();
  void Publish();
  void Count(const __u8* slot);

  SharedRing target_;
  // OWNERSHIP of both mappings: this object's.
  __u64* source_consumer_position_ = nullptr;
  const __u8* source_producer_page_ = nullptr;
  const __u8* source_data_ = nullptr;
  size_t page_bytes_ = 0;
  size_t source_bytes_ = 0;

  __u64 source_position_ = 0;
  __u64 target_position_ = 0;
  __u64 events_ = 0;
  __u64 time_us_ = 0;
};

}  // namespace sockflow

#endif  // SOCKFLOW_NATIVE_RING_COPIER_H_
