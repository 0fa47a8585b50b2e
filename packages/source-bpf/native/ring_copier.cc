#include "ring_copier.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "failure.h"
#include "shared.h"

namespace sockflow {

namespace {

// core's slot/ring/layout.ts and slot/layout.ts.
constexpr size_t kPositionOffset = 0;
constexpr size_t kEventsOffset = 64;
constexpr size_t kTimeOffset = 80;
constexpr __u32 kSlotStepBytes = 64;
// The kernel is given its memory back this often, so that a long copy does not look like a full
// ring.
constexpr __u64 kReleaseBytes = 16384;

__u64 LoadPosition(const __u8* page) {
  return __atomic_load_n(reinterpret_cast<const __u64*>(page + kPositionOffset), __ATOMIC_ACQUIRE);
}

// One 64-bit store: never seen torn (R4).
void StoreWord(__u8* page, size_t offset, __u64 value) {
  __atomic_store_n(reinterpret_cast<__u64*>(page + offset), value, __ATOMIC_RELEASE);
}

size_t CapacityOf(int ring_fd) {
  bpf_map_info map = {};
  __u32 bytes = sizeof(map);
  if (bpf_obj_get_info_by_fd(ring_fd, &map, &bytes) != 0) {
    throw Failure("map", "bpf_obj_get_info_by_fd", errno,
                  "copy descriptor " + std::to_string(ring_fd));
  }
  if (map.type != BPF_MAP_TYPE_RINGBUF) {
    throw Failure("map", "bpf_obj_get_info_by_fd", EINVAL, "copy what is no ring buffer");
  }
  return map.max_entries;
}

void* Map(int fd, size_t offset, size_t bytes, int protection) {
  void* memory = mmap(nullptr, bytes, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (memory == MAP_FAILED) throw Failure("map", "mmap", errno, "map a ring to copy from");
  return memory;
}

}  // namespace

RingCopier::RingCopier(int ring_fd, const SharedRing& target) : target_(target) {
  page_bytes_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  source_bytes_ = CapacityOf(ring_fd);
  const size_t read_only_bytes = page_bytes_ + 2 * source_bytes_;
  void* consumer_page = Map(ring_fd, 0, page_bytes_, PROT_READ | PROT_WRITE);
  try {
    source_producer_page_ =
        static_cast<const __u8*>(Map(ring_fd, page_bytes_, read_only_bytes, PROT_READ));
  } catch (...) {
    munmap(consumer_page, page_bytes_);
    throw;
  }
  source_consumer_position_ = static_cast<__u64*>(consumer_page);
  source_data_ = source_producer_page_ + page_bytes_;
  source_position_ = __atomic_load_n(source_consumer_position_, __ATOMIC_ACQUIRE);
  target_position_ = LoadPosition(target_.producer_page);
}

RingCopier::~RingCopier() {
  munmap(source_consumer_position_, page_bytes_);
  munmap(const_cast<__u8*>(source_producer_page_), page_bytes_ + 2 * source_bytes_);
}

__u64 RingCopier::ReservedPosition() const { return LoadPosition(source_producer_page_); }

// The walk of libbpf's ringbuf_process_ring: BUSY stops it, DISCARD is passed over.
//
// ORDER: producer position, then length word (both acquire), then the record. PAIRS WITH
// bpf_ringbuf_reserve and the xchg that clears BUSY in bpf_ringbuf_commit (kernel/bpf/ringbuf.c).
size_t RingCopier::Copy() {
  size_t copied_bytes = 0;
  __u64 released_position = source_position_;
  const __u64 producer_position = LoadPosition(source_producer_page_);
  while (source_position_ < producer_position) {
    const __u8* slot = source_data_ + (source_position_ & (source_bytes_ - 1));
    const __u32 length_word =
        __atomic_load_n(reinterpret_cast<const __u32*>(slot), __ATOMIC_ACQUIRE);
    if ((length_word & BPF_RINGBUF_BUSY_BIT) != 0) break;
    const __u32 slot_bytes = (length_word & ~BPF_RINGBUF_DISCARD_BIT) + SOCKFLOW_RING_HEADER_BYTES;
    const bool is_discarded = (length_word & BPF_RINGBUF_DISCARD_BIT) != 0;
    if (slot_bytes % kSlotStepBytes != 0 || (!is_discarded && slot_bytes < SOCKFLOW_SLOT_BYTES) ||
        slot_bytes > target_.capacity_bytes / 2) {
      if (copied_bytes != 0) break;
      throw Failure("map", "read", EPROTO,
                    "copy a ring: length word " + std::to_string(length_word) + " at position " +
                        std::to_string(source_position_) + " is of no slot");
    }
    if (!is_discarded) {
      if (!CopySlot(slot, slot_bytes)) break;
      copied_bytes += slot_bytes;
    }
    source_position_ += slot_bytes;
    if (source_position_ - released_position >= kReleaseBytes) {
      ReleaseSource();
      released_position = source_position_;
    }
  }
  if (source_position_ != released_position) ReleaseSource();
  if (copied_bytes != 0) Publish();
  return copied_bytes;
}

bool RingCopier::CopySlot(const __u8* slot, __u32 slot_bytes) {
  if (!MakeRoom(slot_bytes)) return false;
  std::memcpy(target_.data + (target_position_ & (target_.capacity_bytes - 1)), slot, slot_bytes);
  target_position_ += slot_bytes;
  Count(slot);
  return true;
}

// A slot does not wrap: what is left before the end becomes a DISCARD slot (R5).
//
// ORDER: consumer position (acquire), then the stores into the slot. PAIRS WITH the store in
// RingConsumer.release: the consumer has done with that memory (R8).
bool RingCopier::MakeRoom(__u32 slot_bytes) {
  const __u32 start = static_cast<__u32>(target_position_ & (target_.capacity_bytes - 1));
  const __u32 until_end_bytes = target_.capacity_bytes - start;
  const __u32 pad_bytes = until_end_bytes < slot_bytes ? until_end_bytes : 0;
  const __u64 used_bytes = target_position_ - LoadPosition(target_.consumer_page);
  if (used_bytes + pad_bytes + slot_bytes > target_.capacity_bytes) return false;
  if (pad_bytes != 0) {
    auto* header = reinterpret_cast<__u32*>(target_.data + start);
    header[0] = (pad_bytes - SOCKFLOW_RING_HEADER_BYTES) | BPF_RINGBUF_DISCARD_BIT;
    header[1] = 0;
    target_position_ += pad_bytes;
  }
  return true;
}

void RingCopier::Count(const __u8* slot) {
  const auto* event = reinterpret_cast<const sockflow_event*>(slot);
  if (event->kind != SOCKFLOW_KIND_LOSS_MARKER && event->kind != SOCKFLOW_KIND_CLOCK_ANCHOR) {
    events_++;
  }
  const __u64 time_us = event->ts_boot_ns / 1000;
  if (time_us > time_us_) time_us_ = time_us;
}

// ORDER: every read of a slot, then the consumer position (release). PAIRS WITH the load in
// bpf_ringbuf_reserve: the kernel writes there again.
void RingCopier::ReleaseSource() {
  __atomic_store_n(source_consumer_position_, source_position_, __ATOMIC_RELEASE);
}

// ORDER: slots, then the producer position, then events and the time (R6, R11). PAIRS WITH
// RingConsumer.peek. Nobody is woken: the consumer is this thread.
void RingCopier::Publish() {
  StoreWord(target_.producer_page, kPositionOffset, target_position_);
  StoreWord(target_.producer_page, kEventsOffset, events_);
  StoreWord(target_.producer_page, kTimeOffset, time_us_);
}

}  // namespace sockflow
