import type {
  LaneSource,
  OpenSource,
  Source,
  SourceContext,
  SourceLaneContext,
} from '@sockflow/core';

import { KafkaLane } from './kafka-lane.ts';
import { OpenKafka } from './open-kafka.ts';
import { lookAtTopics } from './open-topic.ts';
import {
  checkConnection,
  type KafkaSourceOptions,
  type KafkaSourceSettings,
  kafkaSourceSettings,
} from './source-options.ts';

/**
 * A source of the events that Sockflow has written to a topic of Apache Kafka. Each lane is a member of the consumer group: Kafka deals the partitions to the lanes of all processes that
 * read it, and a connection's events, which lie in one partition, take one lane in their order.
 *
 * At least once: the group's offsets are committed after every sink has acknowledged. The client is `@platformatic/kafka`, which has to be installed.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME
 */
export function kafkaSource(options: KafkaSourceOptions): Source {
  return new KafkaSource(kafkaSourceSettings(options));
}

class KafkaSource implements Source {
  readonly name: string;
  readonly reportedOps: undefined = undefined;
  readonly isLive: boolean = false;
  readonly #settings: KafkaSourceSettings;

  constructor(settings: KafkaSourceSettings) {
    this.#settings = settings;
    this.name = `kafka(${settings.topics.join(', ')})`;
  }

  describePushDown(): undefined {
    return undefined;
  }

  async open({ lanes }: SourceContext): Promise<OpenSource> {
    checkConnection(this.#settings);
    return new OpenKafka(this.#settings, await lookAtTopics(this.#settings), lanes);
  }

  openLane(context: SourceLaneContext): Promise<LaneSource> {
    return KafkaLane.open(context);
  }
}
