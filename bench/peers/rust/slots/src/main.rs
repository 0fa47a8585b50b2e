// SPDX-License-Identifier: Apache-2.0

//! The Rust side of the filter and decode benchmarks: the commands of bench/c/slots.c, by a checked cast of bytemuck to a `repr(C)` struct.
//!
//! ```text
//! load PATH           -> "ok BYTES"
//! scan OPS ANY WAY    -> "NS COUNT CHECKSUM"   word index of each op event with op in OPS and one of cb flags ANY
//! five WAY            -> "NS COUNT CHECKSUM"   five fields of every op event that has them, summed
//! every WAY           -> "NS COUNT CHECKSUM"   every field that means something, of every op event, summed
//! ```
//!
//! There is one WAY, `cast`.

mod event;
mod fields;

use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::time::Instant;

use event::{has, Event, LENGTH_MASK, RING_HEADER_BYTES, SLOT_BYTES};
use memmap2::MmapMut;

/// The slots, one after another, on a page of their own; and word indices of survivors, touched once before it is timed.
struct Input {
    memory: MmapMut,
    selection: Vec<u32>,
}

fn load(path: &str) -> io::Result<Input> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len() as usize;
    let mut memory = MmapMut::map_anon(bytes)?;
    file.read_exact(&mut memory)?;
    let selection = vec![1; bytes / SLOT_BYTES];
    Ok(Input { memory, selection })
}

/// The slot at `at`, and where the next one is.
#[inline(always)]
fn event_at(memory: &[u8], at: usize) -> (&Event, usize) {
    let event: &Event = bytemuck::from_bytes(&memory[at..at + SLOT_BYTES]);
    let bytes = ((event.header_length & LENGTH_MASK) + RING_HEADER_BYTES + 7) & !7;
    (event, at + bytes as usize)
}

fn scan(input: &mut Input, ops: u32, any: u32) {
    let memory = &input.memory[..];
    let mut at = 0;
    input.selection.clear();
    while at < memory.len() {
        let (event, next) = event_at(memory, at);
        if event.passes(ops, any) {
            input.selection.push((at / 4) as u32);
        }
        at = next;
    }
}

fn five(memory: &[u8]) -> (u32, u32) {
    let (mut count, mut checksum, mut at) = (0, 0u32, 0);
    while at < memory.len() {
        let (event, next) = event_at(memory, at);
        if event.is_op() {
            checksum = checksum.wrapping_add(event.five_fields());
            count += 1;
        }
        at = next;
    }
    (count, checksum)
}

fn every(memory: &[u8]) -> (u32, u32) {
    let (mut count, mut checksum, mut at) = (0, 0u32, 0);
    while at < memory.len() {
        let (event, next) = event_at(memory, at);
        if event.is_op() {
            checksum = checksum.wrapping_add(event.every_field());
            if event.presence & has::TCP_HEADER != 0 {
                let length = &memory[at + SLOT_BYTES + 2..at + SLOT_BYTES + 4];
                checksum = checksum.wrapping_add(u16::from_le_bytes([length[0], length[1]]).into());
            }
            count += 1;
        }
        at = next;
    }
    (count, checksum)
}

fn timed(run: impl FnOnce() -> (u32, u32)) -> String {
    let start = Instant::now();
    let (count, checksum) = run();
    format!("{} {count} {checksum}", start.elapsed().as_nanos())
}

fn answer(line: &str, input: &mut Option<Input>) -> Option<String> {
    if let Some(path) = line.strip_prefix("load ") {
        *input = Some(load(path).expect("the input can be read"));
        return Some(format!("ok {}", input.as_ref()?.memory.len()));
    }
    let input = input.as_mut()?;
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["scan", ops, any, "cast"] => {
            let (ops, any) = (ops.parse().ok()?, any.parse().ok()?);
            let start = Instant::now();
            scan(input, ops, any);
            let ns = start.elapsed().as_nanos();
            let checksum = input.selection.iter().fold(0u32, |sum, word| sum.wrapping_add(*word));
            Some(format!("{ns} {} {checksum}", input.selection.len()))
        }
        ["five", "cast"] => Some(timed(|| five(&input.memory))),
        ["every", "cast"] => Some(timed(|| every(&input.memory))),
        _ => None,
    }
}

fn main() -> io::Result<()> {
    let mut input = None;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let reply = answer(&line, &mut input).unwrap_or_else(|| panic!("unknown command: {line}"));
        println!("{reply}");
        io::stdout().flush()?;
    }
    Ok(())
}
