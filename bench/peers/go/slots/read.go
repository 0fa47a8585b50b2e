// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
)

// The whole event into a struct, by reflection: what one copies from an example.
func readEvent(at int) *Event {
	var event Event
	if err := binary.Read(bytes.NewReader(memory[at:at+slotBytes]), binary.LittleEndian, &event); err != nil {
		fail(err.Error())
	}
	return &event
}

func scanRead(ops, any uint32) {
	for at := 0; at < len(memory); {
		event := readEvent(at)
		if event.passes(ops, any) {
			selection = append(selection, uint32(at/4))
		}
		at = nextSlot(at, event.HeaderLength)
	}
}

func fiveRead() (count, checksum uint32) {
	for at := 0; at < len(memory); {
		event := readEvent(at)
		if event.isOp() {
			checksum += event.fiveFields()
			count++
		}
		at = nextSlot(at, event.HeaderLength)
	}
	return
}

func everyRead() (count, checksum uint32) {
	for at := 0; at < len(memory); {
		event := readEvent(at)
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
