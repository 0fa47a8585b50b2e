// SPDX-License-Identifier: Apache-2.0

package main

import "unsafe"

func eventAt(at int) *Event {
	return (*Event)(unsafe.Pointer(&memory[at]))
}

func (e *Event) isOp() bool {
	return e.HeaderLength&busyOrDiscard == 0 && e.Kind == kindOp
}

func (e *Event) passes(ops, any uint32) bool {
	return e.isOp() && e.Op < 32 && ops>>e.Op&1 != 0 &&
		e.Presence&hasBpfSockOpsCbFlags != 0 && uint32(e.BpfSockOpsCbFlags)&any != 0
}

func scanUnsafe(ops, any uint32) {
	for at := 0; at < len(memory); {
		event := eventAt(at)
		if event.passes(ops, any) {
			selection = append(selection, uint32(at/4))
		}
		at = nextSlot(at, event.HeaderLength)
	}
}

func fiveUnsafe() (count, checksum uint32) {
	for at := 0; at < len(memory); {
		event := eventAt(at)
		if event.isOp() {
			checksum += event.fiveFields()
			count++
		}
		at = nextSlot(at, event.HeaderLength)
	}
	return
}

func everyUnsafe() (count, checksum uint32) {
	for at := 0; at < len(memory); {
		event := eventAt(at)
		if event.isOp() {
			checksum += event.everyField()
			if event.Presence&hasTcpHeader != 0 {
				checksum += sectionLength(at)
			}
			count++
		}
		at = nextSlot(at, event.HeaderLength)
	}
	return
}
