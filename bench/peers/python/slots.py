# SPDX-License-Identifier: Apache-2.0
"""The Python side of the filter and decode benchmarks: the commands of bench/c/slots.c, by the standard library alone.

    load PATH           -> "ok BYTES"
    scan OPS ANY WAY    -> "NS COUNT CHECKSUM"   word index of each op event with op in OPS and one of cb flags ANY
    five WAY            -> "NS COUNT CHECKSUM"   five fields of every op event that has them, summed
    every WAY           -> "NS COUNT CHECKSUM"   every field that means something, of every op event, summed

WAY: ctypes casts the bytes to a structure, struct unpacks them.
"""

import sys
import time

import by_ctypes
import by_struct
from memory import MASK_32

WAYS = {"ctypes": by_ctypes, "struct": by_struct}


def timed(run, *parameters):
    start_ns = time.perf_counter_ns()
    result = run(*parameters)
    return time.perf_counter_ns() - start_ns, result


def answer(memory, command, *words):
    way = WAYS[words[-1]]
    numbers = [int(word) for word in words[:-1]]
    if command == "scan":
        took_ns, selection = timed(way.scan, memory, *numbers)
        return f"{took_ns} {len(selection)} {sum(selection) & MASK_32}"
    run = {"five": way.five, "every": way.every}[command]
    took_ns, (count, checksum) = timed(run, memory, *numbers)
    return f"{took_ns} {count} {checksum}"


def main():
    memory = bytearray()
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line.startswith("load "):
            with open(line[5:], "rb") as file:
                memory = bytearray(file.read())
            print("ok", len(memory), flush=True)
        else:
            print(answer(memory, *line.split(" ")), flush=True)


main()
