// SPDX-License-Identifier: Apache-2.0

package main

import "math/bits"

// Like C's five_fields in bench/c/slots.c.
func (e *Event) fiveFields() uint32 {
	if e.Presence&hasSrttUs == 0 {
		return 0
	}
	return e.SrttUs>>3 + e.SndCwnd + e.TotalRetrans + uint32(e.BytesAcked) + uint32(e.LocalPort)
}

// As a double, like the other sides: the conversion keeps the product from being fused with the sum.
func micros(ns uint64) uint32 {
	return uint32(uint64(float64(float64(ns>>32)*4294967.296) + float64(uint32(ns))/1000))
}

// Like C's every_field in bench/c/slots.c, without what lies behind the 256 bytes.
func (e *Event) everyField() uint32 {
	has := e.Presence
	sum := uint32(e.Kind) + uint32(e.Op) + uint32(e.State) + uint32(e.Bits&15) + uint32(e.Bits>>4&1) + uint32(e.Bits>>7)
	sum += micros(e.TsBootNs) + uint32(e.Cookie) + uint32(e.LocalPort) + uint32(bits.ReverseBytes16(e.RemotePort)) + e.LaneKey
	if has&hasOwnerRole != 0 {
		sum += uint32(e.Bits >> 5 & 3)
	}
	if has&hasArgs != 0 {
		sum += e.Args[0] + e.Args[1] + e.Args[2] + e.Args[3]
	}
	if has&hasSrttUs != 0 {
		sum += e.SrttUs >> 3
	}
	if has&hasRttMin != 0 && e.RttMin != 0xffffffff {
		sum += e.RttMin
	}
	if has&hasNetnsCookie != 0 {
		sum += uint32(e.NetnsCookie)
	}
	if has&hasCpu != 0 {
		sum += uint32(e.Cpu)
	}
	if has&hasOwnerPid != 0 {
		sum += e.OwnerPid
	}
	if has&hasCgroupId != 0 {
		sum += uint32(e.CgroupId)
	}
	if has&hasSkErr != 0 {
		sum += uint32(e.SkErr)
	}
	if has&hasBpfSockOpsCbFlags != 0 {
		sum += uint32(e.BpfSockOpsCbFlags)
	}
	if has&hasSkbTcpFlags != 0 {
		sum += uint32(e.SkbTcpFlags)
	}
	if has&hasEcnFlags != 0 {
		sum += uint32(e.EcnFlags)
	}
	if has&hasBytesReceived != 0 {
		sum += uint32(e.BytesReceived)
	}
	if has&hasBytesAcked != 0 {
		sum += uint32(e.BytesAcked)
	}
	if has&hasSndCwnd != 0 {
		sum += e.SndCwnd
	}
	if has&hasSndSsthresh != 0 {
		sum += e.SndSsthresh
	}
	if has&hasRcvNxt != 0 {
		sum += e.RcvNxt
	}
	if has&hasSndNxt != 0 {
		sum += e.SndNxt
	}
	if has&hasSndUna != 0 {
		sum += e.SndUna
	}
	if has&hasMssCache != 0 {
		sum += e.MssCache
	}
	if has&hasRateDelivered != 0 {
		sum += e.RateDelivered
	}
	if has&hasRateIntervalUs != 0 {
		sum += e.RateIntervalUs
	}
	if has&hasPacketsOut != 0 {
		sum += e.PacketsOut
	}
	if has&hasRetransOut != 0 {
		sum += e.RetransOut
	}
	if has&hasTotalRetrans != 0 {
		sum += e.TotalRetrans
	}
	if has&hasSegsIn != 0 {
		sum += e.SegsIn
	}
	if has&hasDataSegsIn != 0 {
		sum += e.DataSegsIn
	}
	if has&hasSegsOut != 0 {
		sum += e.SegsOut
	}
	if has&hasDataSegsOut != 0 {
		sum += e.DataSegsOut
	}
	if has&hasLostOut != 0 {
		sum += e.LostOut
	}
	if has&hasSackedOut != 0 {
		sum += e.SackedOut
	}
	if has&hasSkTxhash != 0 {
		sum += e.SkTxhash
	}
	if has&hasSkbLen != 0 {
		sum += e.SkbLen
	}
	return sum
}
