# SPDX-License-Identifier: Apache-2.0
"""How slots lie in memory: what both ways have in common."""

SLOT_BYTES = 256
RING_HEADER_BYTES = 8
LENGTH_MASK = 0x3FFFFFFF
BUSY_OR_DISCARD = 0xC0000000
KIND_OP = 1
MASK_32 = 0xFFFFFFFF


def next_slot(at, length):
    return at + ((length & LENGTH_MASK) + RING_HEADER_BYTES + 7 & ~7)


def section_length(memory, at):
    return int.from_bytes(memory[at + SLOT_BYTES + 2 : at + SLOT_BYTES + 4], "little")
