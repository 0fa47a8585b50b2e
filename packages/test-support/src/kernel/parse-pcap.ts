/** A TCP segment as tcpdump wrote it down. */
export interface CapturedSegment {
  readonly timeUs: number;
  readonly isIp6: boolean;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly targetAddress: string;
  readonly targetPort: number;
  readonly seq: number;
  readonly ack: number;
  /** The byte of flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly flags: number;
  readonly windowRaw: number;
  /** The whole header, options included. */
  readonly header: Buffer;
  readonly options: Buffer;
  readonly payloadBytes: number;
}

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINK_ETHERNET = 1;
const ETHERNET_HEADER_BYTES = 14;
const TYPE_IP4 = 0x0800;
const TYPE_IP6 = 0x86dd;
const IP6_HEADER_BYTES = 40;
const PROTOCOL_TCP = 6;

/** Parses what a little-endian tcpdump has written so far, on an Ethernet link; what is not TCP and a packet cut at the end are left out. */
export function parsePcap(file: Buffer): CapturedSegment[] {
  if (file.length < FILE_HEADER_BYTES) return [];
  if (file.readUInt32LE(0) !== MAGIC_MICROSECONDS || file.readUInt32LE(20) !== LINK_ETHERNET) {
    throw new Error('not a pcap file of an Ethernet link with microseconds');
  }
  const segments: CapturedSegment[] = [];
  for (let offset = FILE_HEADER_BYTES; offset + PACKET_HEADER_BYTES <= file.length;) {
    const timeUs = file.readUInt32LE(offset) * 1_000_000 + file.readUInt32LE(offset + 4);
    const capturedBytes = file.readUInt32LE(offset + 8);
    offset += PACKET_HEADER_BYTES;
    if (offset + capturedBytes > file.length) break;
    const segment = parsePacket(file.subarray(offset, offset + capturedBytes), timeUs);
    if (segment !== undefined) segments.push(segment);
    offset += capturedBytes;
  }
  return segments;
}

function parsePacket(packet: Buffer, timeUs: number): CapturedSegment | undefined {
  const type = packet.readUInt16BE(12);
  const ip = packet.subarray(ETHERNET_HEADER_BYTES);
  if (type === TYPE_IP4 && ip[9] === PROTOCOL_TCP) {
    const headerBytes = ((ip[0] ?? 0) & 15) * 4;
    return parseTcp(ip.subarray(headerBytes), {
      timeUs,
      isIp6: false,
      sourceAddress: ip.subarray(12, 16).join('.'),
      targetAddress: ip.subarray(16, 20).join('.'),
      segmentBytes: ip.readUInt16BE(2) - headerBytes,
    });
  }
  if (type === TYPE_IP6 && ip[6] === PROTOCOL_TCP) {
    return parseTcp(ip.subarray(IP6_HEADER_BYTES), {
      timeUs,
      isIp6: true,
      sourceAddress: ip6Text(ip.subarray(8, 24)),
      targetAddress: ip6Text(ip.subarray(24, 40)),
      segmentBytes: ip.readUInt16BE(4),
    });
  }
  return undefined;
}

interface NetworkPart extends Pick<
  CapturedSegment,
  'timeUs' | 'isIp6' | 'sourceAddress' | 'targetAddress'
> {
  readonly segmentBytes: number;
}

function parseTcp(tcp: Buffer, { segmentBytes, ...network }: NetworkPart): CapturedSegment {
  const headerBytes = ((tcp[12] ?? 0) >> 4) * 4;
  return {
    ...network,
    sourcePort: tcp.readUInt16BE(0),
    targetPort: tcp.readUInt16BE(2),
    seq: tcp.readUInt32BE(4),
    ack: tcp.readUInt32BE(8),
    flags: tcp[13] ?? 0,
    windowRaw: tcp.readUInt16BE(14),
    header: tcp.subarray(0, headerBytes),
    options: tcp.subarray(20, headerBytes),
    payloadBytes: segmentBytes - headerBytes,
  };
}

/** The URL parser writes IPv6 as RFC 5952 wants it. */
function ip6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(index * 2).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
