// SPDX-License-Identifier: Apache-2.0

// The Go side of the filter and decode benchmarks: the commands of bench/c/slots.c, answered in three ways.
//
//	load PATH           -> "ok BYTES"
//	scan OPS ANY WAY    -> "NS COUNT CHECKSUM"   word index of each op event with op in OPS and one of cb flags ANY
//	five WAY            -> "NS COUNT CHECKSUM"   five fields of every op event that has them, summed
//	every WAY           -> "NS COUNT CHECKSUM"   every field that means something, of every op event, summed
//
// WAY: unsafe casts the bytes to a struct, binary reads each field by encoding/binary at its place, read has binary.Read fill a struct, as the examples of
// cilium/ebpf do.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

// The slots, one after another. What Go allocates of that size begins on a page.
var memory []byte

// Word indices of survivors, touched once before it is timed.
var selection []uint32

type way struct {
	scan  func(ops, any uint32)
	five  func() (count, checksum uint32)
	every func() (count, checksum uint32)
}

var ways = map[string]way{
	"unsafe": {scanUnsafe, fiveUnsafe, everyUnsafe},
	"binary": {scanBinary, fiveBinary, everyBinary},
	"read":   {scanRead, fiveRead, everyRead},
}

func load(path string) {
	var err error
	if memory, err = os.ReadFile(path); err != nil {
		fail(err.Error())
	}
	selection = make([]uint32, len(memory)/slotBytes)
	for index := range selection {
		selection[index] = 1
	}
	fmt.Println("ok", len(memory))
}

func timedScan(run func(ops, any uint32), ops, any uint32) {
	selection = selection[:0]
	start := time.Now()
	run(ops, any)
	took := time.Since(start)
	var checksum uint32
	for _, word := range selection {
		checksum += word
	}
	fmt.Println(took.Nanoseconds(), len(selection), checksum)
}

func timed(run func() (count, checksum uint32)) {
	start := time.Now()
	count, checksum := run()
	fmt.Println(time.Since(start).Nanoseconds(), count, checksum)
}

func nextSlot(at int, length uint32) int {
	return at + int((length&lengthMask+ringHeaderBytes+7)&^7)
}

func fail(what string) {
	fmt.Fprintln(os.Stderr, "slots:", what)
	os.Exit(1)
}

func wayOf(name string) way {
	found, ok := ways[name]
	if !ok {
		fail("unknown way: " + name)
	}
	return found
}

func answer(line string) {
	var ops, any uint32
	var name string
	command, rest, _ := strings.Cut(line, " ")
	switch command {
	case "load":
		load(rest)
	case "scan":
		if _, err := fmt.Sscan(rest, &ops, &any, &name); err != nil {
			fail("unknown command: " + line)
		}
		timedScan(wayOf(name).scan, ops, any)
	case "five":
		timed(wayOf(rest).five)
	case "every":
		timed(wayOf(rest).every)
	default:
		fail("unknown command: " + line)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer(lines.Text())
	}
}
