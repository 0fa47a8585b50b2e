// SPDX-License-Identifier: Apache-2.0

package main

import "encoding/binary"

// Each field by its offset, as one reads a wire format; s is the slot's bytes.

var le = binary.LittleEndian

func slotAt(at int) []byte {
	return memory[at : at+slotBytes : at+slotBytes]
}

func sectionLength(at int) uint32 {
	return uint32(le.Uint16(memory[at+slotBytes+2:]))
}

func isOpBinary(s []byte) bool {
	return le.Uint32(s)&busyOrDiscard == 0 && s[8] == kindOp
}

func passesBinary(s []byte, ops, any uint32) bool {
	return isOpBinary(s) && s[9] < 32 && ops>>s[9]&1 != 0 &&
		le.Uint64(s[56:])&hasBpfSockOpsCbFlags != 0 && uint32(s[10])&any != 0
}

func fiveFieldsBinary(s []byte) uint32 {
	if le.Uint64(s[56:])&hasSrttUs == 0 {
		return 0
	}
	return le.Uint32(s[172:])>>3 + le.Uint32(s[168:]) + le.Uint32(s[216:]) + uint32(le.Uint64(s[152:])) + uint32(le.Uint16(s[42:]))
}

func scanBinary(ops, any uint32) {
	for at := 0; at < len(memory); {
		s := slotAt(at)
		if passesBinary(s, ops, any) {
			selection = append(selection, uint32(at/4))
		}
		at = nextSlot(at, le.Uint32(s))
	}
}

func fiveBinary() (count, checksum uint32) {
	for at := 0; at < len(memory); {
		s := slotAt(at)
		if isOpBinary(s) {
			checksum += fiveFieldsBinary(s)
			count++
		}
		at = nextSlot(at, le.Uint32(s))
	}
	return
}

func everyBinary() (count, checksum uint32) {
	for at := 0; at < len(memory); {
		s := slotAt(at)
		if isOpBinary(s) {
			checksum += everyFieldBinary(s)
			if le.Uint64(s[56:])&hasTcpHeader != 0 {
				checksum += sectionLength(at)
			}
			count++
		}
		at = nextSlot(at, le.Uint32(s))
	}
	return
}

func everyFieldBinary(s []byte) uint32 {
	_ = s[slotBytes-1] // one check of the bounds for all that follow
	has := le.Uint64(s[56:])
	sum := uint32(s[8]) + uint32(s[9]) + uint32(s[11]) + uint32(s[15]&15) + uint32(s[15]>>4&1) + uint32(s[15]>>7)
	sum += micros(le.Uint64(s[16:])) + uint32(le.Uint64(s[24:])) + uint32(le.Uint16(s[42:])) + uint32(binary.BigEndian.Uint16(s[40:])) + le.Uint32(s[44:])
	if has&hasOwnerRole != 0 {
		sum += uint32(s[15] >> 5 & 3)
	}
	if has&hasArgs != 0 {
		sum += le.Uint32(s[96:]) + le.Uint32(s[100:]) + le.Uint32(s[104:]) + le.Uint32(s[108:])
	}
	if has&hasSrttUs != 0 {
		sum += le.Uint32(s[172:]) >> 3
	}
	if has&hasRttMin != 0 && le.Uint32(s[176:]) != 0xffffffff {
		sum += le.Uint32(s[176:])
	}
	if has&hasNetnsCookie != 0 {
		sum += uint32(le.Uint64(s[32:]))
	}
	if has&hasCpu != 0 {
		sum += uint32(le.Uint16(s[124:]))
	}
	if has&hasOwnerPid != 0 {
		sum += le.Uint32(s[120:])
	}
	if has&hasCgroupId != 0 {
		sum += uint32(le.Uint64(s[112:]))
	}
	if has&hasSkErr != 0 {
		sum += uint32(le.Uint16(s[126:]))
	}
	if has&hasBpfSockOpsCbFlags != 0 {
		sum += uint32(s[10])
	}
	if has&hasSkbTcpFlags != 0 {
		sum += uint32(le.Uint16(s[12:]))
	}
	if has&hasEcnFlags != 0 {
		sum += uint32(s[14])
	}
	if has&hasBytesReceived != 0 {
		sum += uint32(le.Uint64(s[144:]))
	}
	if has&hasBytesAcked != 0 {
		sum += uint32(le.Uint64(s[152:]))
	}
	if has&hasSndCwnd != 0 {
		sum += le.Uint32(s[168:])
	}
	if has&hasSndSsthresh != 0 {
		sum += le.Uint32(s[180:])
	}
	if has&hasRcvNxt != 0 {
		sum += le.Uint32(s[184:])
	}
	if has&hasSndNxt != 0 {
		sum += le.Uint32(s[188:])
	}
	if has&hasSndUna != 0 {
		sum += le.Uint32(s[192:])
	}
	if has&hasMssCache != 0 {
		sum += le.Uint32(s[196:])
	}
	if has&hasRateDelivered != 0 {
		sum += le.Uint32(s[200:])
	}
	if has&hasRateIntervalUs != 0 {
		sum += le.Uint32(s[204:])
	}
	if has&hasPacketsOut != 0 {
		sum += le.Uint32(s[208:])
	}
	if has&hasRetransOut != 0 {
		sum += le.Uint32(s[212:])
	}
	if has&hasTotalRetrans != 0 {
		sum += le.Uint32(s[216:])
	}
	if has&hasSegsIn != 0 {
		sum += le.Uint32(s[220:])
	}
	if has&hasDataSegsIn != 0 {
		sum += le.Uint32(s[224:])
	}
	if has&hasSegsOut != 0 {
		sum += le.Uint32(s[228:])
	}
	if has&hasDataSegsOut != 0 {
		sum += le.Uint32(s[232:])
	}
	if has&hasLostOut != 0 {
		sum += le.Uint32(s[236:])
	}
	if has&hasSackedOut != 0 {
		sum += le.Uint32(s[240:])
	}
	if has&hasSkTxhash != 0 {
		sum += le.Uint32(s[244:])
	}
	if has&hasSkbLen != 0 {
		sum += le.Uint32(s[248:])
	}
	return sum
}
