// SPDX-License-Identifier: Apache-2.0

//! The Rust side of the ring benchmarks: a ring of its own, that another process fills, read by aya's `RingBuf`.
//!
//! ```text
//! ring RING_BYTES           says "ready" once it has a ring
//! consume OPS ANY           -> "NS COUNT SURVIVORS"   reads what lies in the ring
//! live OPS ANY              -> "ok", and after the next line "NS COUNT SURVIVORS"   reads and sleeps until that line comes and the ring is empty
//! ```
//!
//! A command's time is from its start until the ring was last read empty: what waking and ending take is not in it. Each sample is cast where it lies in the ring.

use std::io::{self, BufRead, Write};
use std::os::fd::AsRawFd;
use std::time::Instant;

use aya::maps::{Map, MapData, RingBuf};
use bytemuck::{Pod, Zeroable};

const RINGBUF_MAP_TYPE: u32 = 27; // BPF_MAP_TYPE_RINGBUF
const KIND_OP: u8 = 1;
const HAS_CB_FLAGS: u64 = 1 << 1;

/// The head of `struct sockflow_event` of packages/core/include/sockflow_event.h, without the ring's header: what the filter reads.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Head {
    kind: u8,
    op: u8,
    cb_flags: u8,
    state: u8,
    between: [u32; 11],
    presence: u64,
}

const _: [(); 56] = [(); core::mem::size_of::<Head>()];
const _: [(); 48] = [(); core::mem::offset_of!(Head, presence)];

impl Head {
    #[inline(always)]
    fn passes(&self, ops: u32, any: u32) -> bool {
        self.kind == KIND_OP
            && self.op < 32
            && ops >> self.op & 1 != 0
            && self.presence & HAS_CB_FLAGS != 0
            && u32::from(self.cb_flags) & any != 0
    }
}

struct Found {
    count: u64,
    survivors: u64,
    /// When the ring was last read empty.
    end: Instant,
}

/// Reads until the ring is empty; when that was, where it was not before.
fn read_available(ring: &mut RingBuf<MapData>, ops: u32, any: u32, found: &mut Found) {
    let before = found.count;
    while let Some(item) = ring.next() {
        let head: &Head = bytemuck::from_bytes(&item[..size_of::<Head>()]);
        found.count += 1;
        found.survivors += u64::from(head.passes(ops, any));
    }
    if found.count > before {
        found.end = Instant::now();
    }
}

/// Reads and sleeps until a line lies on standard input and the ring is empty; then takes the line.
fn read_until_told(ring: &mut RingBuf<MapData>, ops: u32, any: u32, found: &mut Found) -> io::Result<()> {
    let readable = |fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    let mut waited = [readable(ring.as_raw_fd()), readable(io::stdin().as_raw_fd())];
    loop {
        read_available(ring, ops, any, found);
        // SAFETY: the array lives through the call, and its length is given.
        if unsafe { libc::poll(waited.as_mut_ptr(), waited.len() as libc::nfds_t, -1) } < 0 {
            return Err(io::Error::last_os_error());
        }
        if waited[1].revents != 0 {
            // What was filled between the last reading and the line.
            read_available(ring, ops, any, found);
            return io::stdin().lock().read_line(&mut String::new()).map(drop);
        }
    }
}

fn open(bytes: u32) -> RingBuf<MapData> {
    let map = aya_obj::Map::new_from_params(RINGBUF_MAP_TYPE, 0, 0, bytes, 0);
    let data = MapData::create(map, "ring", None).expect("the kernel makes a ring");
    let map = Map::from_map_data(data).expect("aya knows rings");
    RingBuf::try_from(map).expect("the ring can be mapped")
}

fn main() -> io::Result<()> {
    let bytes = std::env::args()
        .nth(1)
        .and_then(|bytes| bytes.parse().ok())
        .expect("usage: ring RING_BYTES");
    let mut ring = open(bytes);
    println!("ready");
    let mut line = String::new();
    while io::stdin().lock().read_line(&mut line)? > 0 {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [command, ops, any] = words[..] else {
            panic!("unknown command: {line}")
        };
        let (ops, any) = (ops.parse().expect("ops"), any.parse().expect("cb flags"));
        if command == "live" {
            println!("ok");
        }
        let start = Instant::now();
        let mut found = Found {
            count: 0,
            survivors: 0,
            end: start,
        };
        if command == "live" {
            read_until_told(&mut ring, ops, any, &mut found)?;
        } else {
            read_available(&mut ring, ops, any, &mut found);
        }
        let ns = found.end.duration_since(start).as_nanos();
        println!("{ns} {} {}", found.count, found.survivors);
        io::stdout().flush()?;
        line.clear();
    }
    Ok(())
}
