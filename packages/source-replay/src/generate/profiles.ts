import type { Visibility } from './connect.ts';
import type { Flow } from './flow.ts';
import { abandonedConnect, halfOpen, refused } from './scripts/failed-connects.ts';
import { hardwareTimestamps, measuredBaseRtt, timestamps } from './scripts/instrumented.ts';
import { linkStall, lostSegments, timeouts } from './scripts/losses.ts';
import {
  bulk,
  chatty,
  resets,
  shortEcho,
  simultaneousClose,
  synCookie,
} from './scripts/traffic.ts';

/** A kind of connection: how often it comes, what it needs, its story. */
export interface Profile {
  /** Of the sum of all weights. */
  readonly weight: number;
  /** Which ends the host may see; one of them is drawn for each connection. */
  readonly visibilities: readonly Visibility[];
  readonly needsHeaders?: boolean;
  /** No recording of a live kernel here has its ops: they follow the kernel's sources. */
  readonly isSynthetic?: boolean;
  readonly tell: (flow: Flow) => void;
}

/** The name of a kind of connection. */
export type ProfileName =
  | 'shortEcho'
  | 'chatty'
  | 'bulk'
  | 'refused'
  | 'reset'
  | 'loss'
  | 'timeout'
  | 'stall'
  | 'blackhole'
  | 'halfOpen'
  | 'synCookie'
  | 'simultaneousClose'
  | 'headers'
  | 'timestamps'
  | 'hardwareTimestamps'
  | 'baseRtt';

const ANY: readonly Visibility[] = ['both', 'both', 'client', 'server'];
const CLIENT_SEEN: readonly Visibility[] = ['both', 'client'];

/** Every kind of connection that the generator knows. */
// oxfmt-ignore
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  shortEcho:          { weight: 38,  visibilities: ANY, tell: shortEcho },
  chatty:             { weight: 12,  visibilities: ANY, tell: chatty },
  bulk:               { weight: 5,   visibilities: ANY, tell: bulk },
  refused:            { weight: 6,   visibilities: ['client'], tell: refused },
  reset:              { weight: 6,   visibilities: ANY, tell: resets },
  loss:               { weight: 7,   visibilities: ANY, tell: lostSegments },
  timeout:            { weight: 3,   visibilities: ANY, tell: timeouts },
  stall:              { weight: 2,   visibilities: CLIENT_SEEN, tell: linkStall },
  blackhole:          { weight: 2,   visibilities: ['client'], tell: abandonedConnect },
  halfOpen:           { weight: 4,   visibilities: ['server'], tell: halfOpen },
  synCookie:          { weight: 4,   visibilities: ['both', 'server'], tell: synCookie },
  simultaneousClose:  { weight: 2,   visibilities: ANY, tell: simultaneousClose },
  headers:            { weight: 5,   visibilities: ANY, needsHeaders: true, tell: shortEcho },
  timestamps:         { weight: 3,   visibilities: CLIENT_SEEN, tell: timestamps },
  hardwareTimestamps: { weight: 0.5, visibilities: CLIENT_SEEN, isSynthetic: true, tell: hardwareTimestamps },
  baseRtt:            { weight: 0.5, visibilities: CLIENT_SEEN, isSynthetic: true, tell: measuredBaseRtt },
};

export const PROFILE_NAMES: readonly ProfileName[] = Object.keys(PROFILES) as ProfileName[];
