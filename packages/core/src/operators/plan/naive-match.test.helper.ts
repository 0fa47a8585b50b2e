import type { Network, Plan, PlanFilter } from '../../contracts/filter.ts';
import { SlotView } from '../../schema/generated/slot-view.ts';
import type { EventView } from '../../schema/generated/view-types.ts';
import { Kind } from '../../schema/kind.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { parseNetwork } from '../parse-network.ts';

/* The reference: decode each event through its view, decide by plain code. Slow and obvious; shares nothing with the generated loops. */

function bits(network: Network): string {
  return [...network.words]
    .flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24])
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
}

function isInNetwork(address: string | undefined, network: Network): boolean {
  if (address === undefined) return false;
  const one = bits(parseNetwork(address)).slice(0, network.prefixBits);
  return one === bits(network).slice(0, network.prefixBits);
}

function flagsMatch(view: EventView, filter: Extract<PlanFilter, { type: 'flags' }>): boolean {
  const all = { cb: view.cbFlags, tcp: view.tcpFlags, ecn: view.ecnFlags };
  const value = all[filter.field];
  if (value === undefined || view.kind !== Kind.OP) return false;
  return (
    (filter.any === 0 || (value & filter.any) !== 0) &&
    (value & filter.all) === filter.all &&
    (value & filter.none) === 0
  );
}

function eitherEnd<T>(end: string, local: T, remote: T, test: (value: T) => boolean): boolean {
  return (end !== 'remote' && test(local)) || (end !== 'local' && test(remote));
}

/** Whether an event passes one filter. */
export function naiveMatch(view: EventView, filter: PlanFilter): boolean {
  switch (filter.type) {
    case 'op':
      return view.kind === Kind.OP && filter.ops.includes(view.op);
    case 'kind':
      return filter.kinds.includes(view.kind);
    case 'flags':
      return flagsMatch(view, filter);
    case 'state':
      return (
        (view.kind === Kind.OP || view.kind === Kind.SNAPSHOT) && filter.states.includes(view.state)
      );
    case 'port':
      return eitherEnd(filter.end, view.localPort, view.remotePort, (port) =>
        filter.ports.includes(port),
      );
    case 'address':
      return eitherEnd(filter.end, view.localAddress, view.remoteAddress, (address) =>
        filter.networks.some((network) => isInNetwork(address, network)),
      );
    case 'connection':
      return (
        view.cookie === filter.cookie &&
        (filter.netnsCookie === undefined || view.netnsCookie === filter.netnsCookie) &&
        (filter.originId === undefined || view.originId === filter.originId)
      );
    case 'sample':
      return view.laneKey / 256 < filter.threshold;
    case 'time':
      return (
        (filter.startNs === undefined || view.tsNs >= filter.startNs) &&
        (filter.endNs === undefined || view.tsNs < filter.endNs)
      );
    case 'where':
      return filter.test(view);
  }
}

/** Word indices of the events at `words` that pass every filter, of a lane's own and of any. */
export function naiveSelect(
  span: SlotSpan,
  words: readonly number[],
  plan: Plan,
  isOurs: (view: EventView) => boolean = () => true,
): number[] {
  const { u32, big } = span.memory;
  return words.filter((w) => {
    const view = new SlotView(u32, big, w, span.origin);
    const isEvent = (u32[w]! & 0x40000000) === 0 && view.kind !== 4 && view.kind !== 5;
    return isEvent && isOurs(view) && plan.every((filter) => naiveMatch(view, filter));
  });
}
