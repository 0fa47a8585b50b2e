import { Admin } from '@platformatic/kafka';

/** A member as the broker sees it: the client's id, and the partitions that it has. */
export interface Member {
  readonly clientId: string;
  readonly partitions: readonly number[];
}

/** What a broker says of a consumer group of one topic: a witness that is neither source nor sink. */
export class GroupState {
  readonly #admin: Admin;
  readonly #group: string;
  readonly #topic: string;

  constructor(broker: string, group: string, topic: string) {
    this.#admin = new Admin({ clientId: 'witness', bootstrapBrokers: [broker], retries: 10 });
    this.#group = group;
    this.#topic = topic;
  }

  /** The members, where partitions are dealt to them; none while they are being dealt, or where there is no such group. */
  async members(): Promise<readonly Member[]> {
    const groups = await this.#admin.describeGroups({ groups: [this.#group] });
    const group = groups.get(this.#group);
    if (group?.state !== 'STABLE') return [];
    return Array.from(group.members.values(), ({ clientId, assignments }) => ({
      clientId,
      partitions: assignments?.get(this.#topic)?.partitions ?? [],
    }));
  }

  /** The offset that the group goes on at, by partition; 0 where nothing is committed. */
  async committed(): Promise<ReadonlyMap<number, number>> {
    const [group] = await this.#admin.listConsumerGroupOffsets({ groups: [this.#group] });
    const topic = group?.topics.find(({ name }) => name === this.#topic);
    return new Map(
      (topic?.partitions ?? []).map(({ partitionIndex, committedOffset }) => [
        partitionIndex,
        Math.max(0, Number(committedOffset)),
      ]),
    );
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }
}
