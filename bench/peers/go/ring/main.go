// SPDX-License-Identifier: Apache-2.0

// The Go side of the ring benchmarks: a ring of its own, that another process fills, read by cilium/ebpf's reader.
//
//	ring RING_BYTES           says "ready" once it has a ring
//	consume OPS ANY           -> "NS COUNT SURVIVORS"   reads what lies in the ring
//	live OPS ANY              -> "ok", and after the next line "NS COUNT SURVIVORS"   reads and sleeps until that line comes and the ring is empty
//
// A command's time is from its start until the last sample was read that left the ring empty: what waking and ending take is not in it. Each sample is copied into the same buffer (ReadInto) and cast, as users of bpf2go's structs do.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
)

// event is the head of struct sockflow_event of packages/core/include/sockflow_event.h, without the ring's header: what the filter reads.
type event struct {
	Kind, Op, CbFlags, State uint8
	_                        [44]byte
	Presence                 uint64
	_                        [192]byte
}

const (
	eventBytes = 248
	kindOp     = 1
	hasCbFlags = 1 << 1
)

// Does not compile where the struct has another size than the kernel's, or the field another place.
var (
	_ [eventBytes - unsafe.Sizeof(event{})]struct{}
	_ [unsafe.Sizeof(event{}) - eventBytes]struct{}
	_ [48 - unsafe.Offsetof(event{}.Presence)]struct{}
	_ [unsafe.Offsetof(event{}.Presence) - 48]struct{}
)

type found struct {
	count, survivors uint64
	// When the ring was last read empty.
	end time.Time
}

// Reads until Flush has been called and the ring is empty, and sleeps where it is empty before.
func readAll(reader *ringbuf.Reader, record *ringbuf.Record, ops, any uint32) found {
	all := found{end: time.Now()}
	for {
		err := reader.ReadInto(record)
		if errors.Is(err, ringbuf.ErrFlushed) {
			return all
		}
		if err != nil {
			fail(err)
		}
		all.count++
		if len(record.RawSample) < eventBytes {
			fail("a sample is too short")
		}
		e := (*event)(unsafe.Pointer(unsafe.SliceData(record.RawSample)))
		if e.Kind == kindOp && e.Op < 32 && ops>>e.Op&1 != 0 && e.Presence&hasCbFlags != 0 && uint32(e.CbFlags)&any != 0 {
			all.survivors++
		}
		if record.Remaining == 0 {
			all.end = time.Now()
		}
	}
}

func flush(reader *ringbuf.Reader) {
	if err := reader.Flush(); err != nil {
		fail(err)
	}
}

func fail(what any) {
	fmt.Fprintln(os.Stderr, "ring:", what)
	os.Exit(1)
}

func open(bytes string) *ringbuf.Reader {
	size, err := strconv.ParseUint(bytes, 10, 32)
	if err != nil {
		fail(err)
	}
	ring, err := ebpf.NewMap(&ebpf.MapSpec{Name: "ring", Type: ebpf.RingBuf, MaxEntries: uint32(size)})
	if err != nil {
		fail(err)
	}
	reader, err := ringbuf.NewReader(ring)
	if err != nil {
		fail(err)
	}
	return reader
}

func main() {
	if len(os.Args) != 2 {
		fail("usage: ring RING_BYTES")
	}
	reader := open(os.Args[1])
	record := ringbuf.Record{RawSample: make([]byte, eventBytes)}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var command string
		var ops, any uint32
		if _, err := fmt.Sscan(lines.Text(), &command, &ops, &any); err != nil {
			fail(lines.Text())
		}
		if command == "live" {
			fmt.Println("ok")
		}
		start := time.Now()
		if command == "live" {
			go func() {
				lines.Scan()
				flush(reader)
			}()
		} else {
			flush(reader)
		}
		all := readAll(reader, &record, ops, any)
		fmt.Println(all.end.Sub(start).Nanoseconds(), all.count, all.survivors)
	}
}
