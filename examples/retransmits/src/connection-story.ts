import { Op, type OpViews } from 'sockflow';

/** The ops that tell of the beginning, of retransmissions, of round trips, and of the end. */
export const STORY_OPS = [
  Op.TCP_CONNECT_CB,
  Op.RETRANS_CB,
  Op.RTO_CB,
  Op.RTT_CB,
  Op.STATE_CB,
] as const;
/** A view of one of them; its `op` tells which. */
export type StoryEvent = OpViews[(typeof STORY_OPS)[number]];

/** What is remembered of a connection while its events come. */
export interface ConnectionStory {
  /** Segments sent again, SYNs included (RETRANS_CB). */
  retransmits: number;
  /** Retransmission timeouts that fired (RTO_CB). */
  timeouts: number;
  /** The longest timeout that fired, us. */
  longestRtoUs: number | undefined;
  /** Smallest, last and greatest RTT, us; of a connection that never got an answer there is none. */
  minRttUs: number | undefined;
  lastRttUs: number | undefined;
  maxRttUs: number | undefined;
  /** Who called connect or listen. */
  owner: string | undefined;
}

export function newStory(): ConnectionStory {
  return {
    retransmits: 0,
    timeouts: 0,
    longestRtoUs: undefined,
    minRttUs: undefined,
    lastRttUs: undefined,
    maxRttUs: undefined,
    owner: undefined,
  };
}

function greater(a: number | undefined, b: number): number {
  return a === undefined || b > a ? b : a;
}

/** Adds one event to the story. Allocates nothing but the owner's name, once. */
export function tell(story: ConnectionStory, event: StoryEvent): void {
  story.owner ??= event.ownerComm;
  switch (event.op) {
    case Op.RETRANS_CB:
      story.retransmits += event.retransSegs;
      break;
    case Op.RTO_CB:
      story.timeouts++;
      if (event.rtoUs !== undefined) story.longestRtoUs = greater(story.longestRtoUs, event.rtoUs);
      break;
    case Op.RTT_CB:
      if (event.mrttUs !== undefined) addRtt(story, event.mrttUs);
      break;
    case Op.TCP_CONNECT_CB:
    case Op.STATE_CB:
      break;
  }
}

function addRtt(story: ConnectionStory, rttUs: number): void {
  story.minRttUs = story.minRttUs === undefined ? rttUs : Math.min(story.minRttUs, rttUs);
  story.maxRttUs = greater(story.maxRttUs, rttUs);
  story.lastRttUs = rttUs;
}
