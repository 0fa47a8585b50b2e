import type { ConsumerOptions, GroupAssignment } from '@platformatic/kafka';

/** What the members of a group agree on: how partitions are dealt. All of them must name it. */
export const STICKY_PROTOCOL = 'sockflow-sticky';
/** Of the subscription: topics and user data, nothing else. */
const SUBSCRIPTION_VERSION = 0;

type Assigner = NonNullable<
  Extract<
    ConsumerOptions<Buffer, Buffer, Buffer, Buffer>,
    { partitionAssigner?: unknown }
  >['partitionAssigner']
>;
type Members = Parameters<Assigner>[1];
type Assignments = ReturnType<Assigner>;

/** What a member has had, and in which generation of the group. */
export interface Claim {
  readonly generation: number;
  readonly owned: readonly GroupAssignment[];
}

interface Protocol {
  readonly name: string;
  readonly version: number;
  readonly metadata: Buffer;
}

/** The protocol as the client sends it with each request to join: what it says of the member is asked for then. */
export function stickyProtocol(claim: () => Claim): Protocol {
  return {
    name: STICKY_PROTOCOL,
    version: SUBSCRIPTION_VERSION,
    get metadata() {
      return Buffer.from(JSON.stringify(claim()));
    },
  };
}

interface Share {
  readonly memberId: string;
  readonly topics: ReadonlySet<string>;
  readonly claim: Claim;
  readonly kept: [topic: string, partition: number][];
}

/**
 * Deals partitions so that members keep what they have as far as all get the same number, one more or less: what moves is read anew from where it was committed, and what is under way of it
 * is given twice. The group's leader runs it; the same members and claims give the same result everywhere.
 */
export const stickyAssigner: Assigner = (_leader, members, _topics, metadata) => {
  const shares = sharesOf(members);
  const partitions = [...metadata.topics]
    .flatMap(([topic, { partitionsCount }]) =>
      Array.from({ length: partitionsCount }, (_, partition) => [topic, partition] as const),
    )
    .filter(([topic]) => shares.some(({ topics }) => topics.has(topic)));
  const rest = new Map(partitions.map((own) => [nameOf(...own), own]));
  keepClaims(shares, rest, partitions.length);
  for (const [topic, partition] of rest.values()) {
    const able = shares.filter(({ topics }) => topics.has(topic));
    const [least] = able.toSorted((a, b) => a.kept.length - b.kept.length);
    least?.kept.push([topic, partition]);
  }
  return shares.map(({ memberId, kept }) => ({ memberId, assignments: byTopic(kept) }));
};

/** Those with most come first: one of them may have one more than others without anything being moved. */
function sharesOf(members: Members): Share[] {
  return [...members.values()]
    .map(({ memberId, topics = [], metadata }) => ({
      memberId,
      topics: new Set(topics),
      claim: parseClaim(metadata),
      kept: [],
    }))
    .toSorted((a, b) => sizeOf(b.claim) - sizeOf(a.claim) || (a.memberId < b.memberId ? -1 : 1));
}

function keepClaims(
  shares: readonly Share[],
  rest: Map<string, readonly [string, number]>,
  partitions: number,
): void {
  const newest = newestClaims(shares);
  const least = Math.floor(partitions / shares.length);
  let larger = partitions % shares.length;
  for (const { claim, topics, kept } of shares) {
    for (const { topic, partitions: owned } of claim.owned) {
      if (!topics.has(topic)) continue;
      for (const partition of owned) {
        const name = nameOf(topic, partition);
        const isTheirs = rest.has(name) && newest.get(name) === claim.generation;
        const mayKeep = kept.length < least || (kept.length === least && larger > 0);
        if (!isTheirs || !mayKeep) continue;
        if (kept.length === least) larger--;
        kept.push([topic, partition]);
        rest.delete(name);
      }
    }
  }
}

/** Who was away for a while claims what is another's by now. */
function newestClaims(shares: readonly Share[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { claim } of shares) {
    for (const { topic, partitions } of claim.owned) {
      for (const partition of partitions) {
        const name = nameOf(topic, partition);
        newest.set(name, Math.max(newest.get(name) ?? -1, claim.generation));
      }
    }
  }
  return newest;
}

/** Another member's words: what is no claim claims nothing. */
function parseClaim(metadata: Buffer | string | undefined): Claim {
  const nothing = { generation: -1, owned: [] };
  try {
    const { generation, owned } = JSON.parse(String(metadata ?? '')) as Claim;
    const isClaim =
      typeof generation === 'number' &&
      Array.isArray(owned) &&
      owned.every(
        ({ topic, partitions }) => typeof topic === 'string' && Array.isArray(partitions),
      );
    return isClaim ? { generation, owned } : nothing;
  } catch {
    return nothing;
  }
}

function sizeOf({ owned }: Claim): number {
  return owned.reduce((sum, { partitions }) => sum + partitions.length, 0);
}

function nameOf(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}

function byTopic(kept: readonly (readonly [string, number])[]): Assignments[number]['assignments'] {
  const topics = new Map<string, GroupAssignment>();
  for (const [topic, partition] of kept) {
    const own = topics.get(topic) ?? { topic, partitions: [] };
    own.partitions.push(partition);
    topics.set(topic, own);
  }
  return topics;
}
