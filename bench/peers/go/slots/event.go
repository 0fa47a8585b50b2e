// SPDX-License-Identifier: Apache-2.0

package main

import "unsafe"

// Event is struct sockflow_event of packages/core/include/sockflow_event.h, as bpf2go writes a C struct.
type Event struct {
	HeaderLength      uint32
	HeaderPage        uint32
	Kind              uint8
	Op                uint8
	BpfSockOpsCbFlags uint8
	State             uint8
	SkbTcpFlags       uint16
	EcnFlags          uint8
	Bits              uint8
	TsBootNs          uint64
	Cookie            uint64
	NetnsCookie       uint64
	RemotePort        uint16
	LocalPort         uint16
	LaneKey           uint32
	RemoteIp4         uint32
	LocalIp4          uint32
	Presence          uint64
	RemoteIp6         [4]uint32
	LocalIp6          [4]uint32
	Args              [4]uint32
	CgroupId          uint64
	OwnerPid          uint32
	Cpu               uint16
	SkErr             uint16
	OwnerComm         [16]int8
	BytesReceived     uint64
	BytesAcked        uint64
	SkbHwtstamp       uint64
	SndCwnd           uint32
	SrttUs            uint32
	RttMin            uint32
	SndSsthresh       uint32
	RcvNxt            uint32
	SndNxt            uint32
	SndUna            uint32
	MssCache          uint32
	RateDelivered     uint32
	RateIntervalUs    uint32
	PacketsOut        uint32
	RetransOut        uint32
	TotalRetrans      uint32
	SegsIn            uint32
	DataSegsIn        uint32
	SegsOut           uint32
	DataSegsOut       uint32
	LostOut           uint32
	SackedOut         uint32
	SkTxhash          uint32
	SkbLen            uint32
	Tskey             uint32
}

// Does not compile where the struct has another size than the kernel's, or a field another place.
var (
	_ [256 - unsafe.Sizeof(Event{})]struct{}
	_ [unsafe.Sizeof(Event{}) - 256]struct{}
	_ [56 - unsafe.Offsetof(Event{}.Presence)]struct{}
	_ [unsafe.Offsetof(Event{}.Tskey) - 252]struct{}
)

const (
	slotBytes       = 256
	ringHeaderBytes = 8
	lengthMask      = 0x3fffffff
	busyOrDiscard   = 0xc0000000
	kindOp          = 1
)

// Bits of Presence, of the fields that are read here.
const (
	hasBpfSockOpsCbFlags = 1 << 1
	hasNetnsCookie       = 1 << 11
	hasCpu               = 1 << 22
	hasOwnerRole         = 1 << 7
	hasOwnerPid          = 1 << 21
	hasCgroupId          = 1 << 20
	hasSkErr             = 1 << 23
	hasArgs              = 1 << 19
	hasSkbTcpFlags       = 1 << 3
	hasEcnFlags          = 1 << 4
	hasBytesReceived     = 1 << 25
	hasBytesAcked        = 1 << 26
	hasSndCwnd           = 1 << 28
	hasSrttUs            = 1 << 29
	hasRttMin            = 1 << 30
	hasSndSsthresh       = 1 << 31
	hasRcvNxt            = 1 << 32
	hasSndNxt            = 1 << 33
	hasSndUna            = 1 << 34
	hasMssCache          = 1 << 35
	hasRateDelivered     = 1 << 36
	hasRateIntervalUs    = 1 << 37
	hasPacketsOut        = 1 << 38
	hasRetransOut        = 1 << 39
	hasTotalRetrans      = 1 << 40
	hasSegsIn            = 1 << 41
	hasDataSegsIn        = 1 << 42
	hasSegsOut           = 1 << 43
	hasDataSegsOut       = 1 << 44
	hasLostOut           = 1 << 45
	hasSackedOut         = 1 << 46
	hasSkTxhash          = 1 << 47
	hasSkbLen            = 1 << 48
	hasTcpHeader         = 1 << 50
)
