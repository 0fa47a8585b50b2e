import type { CommandContext } from '../command.ts';
import type { SessionRequest } from '../session/run-session.ts';
import { formatCount } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { WatchControl } from './watch-control.ts';
import type { LinesPage, WatchPage } from './watch-page.ts';
import { WatchScreen } from './watch-screen.ts';
import type { WatchStyle } from './watch-sink.ts';
import { WatchTable } from './watch-table.ts';

const TITLE = 'sockflow watch';
const DRAW_INTERVAL_MS = 250;
/** Of the table that stays at the end. */
const MAX_FINAL_ROWS = 40;

/** What the main thread does with a lane's pages. */
export interface WatchView {
  /** How it takes part in the run. */
  readonly session: Pick<
    SessionRequest,
    'onStart' | 'onLive' | 'onStop' | 'onEnd' | 'onProgress' | 'onResult'
  >;
  /** After the summary: what was not shown. */
  tellRest(err: Terminal): void;
}

/** The view for a style: lines, a table in place, or a table at the end. */
export function watchView(
  { out, err }: CommandContext,
  style: WatchStyle | undefined,
  control: WatchControl,
): WatchView {
  switch (style?.form) {
    case undefined:
      return { session: {}, tellRest: () => {} };
    case 'lines':
      return linesView(out, control);
    case 'table':
      return tableView(out, err, control);
  }
}

function linesView(out: Terminal, control: WatchControl): WatchView {
  let notShown = 0;
  const show = (page: LinesPage): void => {
    out.write(page.text);
    notShown += page.notShown;
    if (page.notShown > 0) {
      out.line(out.colors.dim(`… ${formatCount(page.notShown)} more, not shown`));
    }
    control.pageDrawn(page.lane);
  };
  return {
    session: {
      onResult: (value) => show(value as LinesPage),
    },
    tellRest: (err) => {
      if (notShown === 0) return;
      err.line(
        `  ${formatCount(notShown)} events came too fast to be shown; they are counted above`,
      );
    },
  };
}

function tableView(out: Terminal, err: Terminal, control: WatchControl): WatchView {
  const table = new WatchTable(out, TITLE);
  const undrawn: number[] = [];
  let screen: WatchScreen | undefined;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    screen?.draw(table.lines(screen.rows));
    for (const lane of undrawn.splice(0)) control.pageDrawn(lane);
  };
  return {
    session: {
      onStop: () => {
        // What is left to do may take a while: from here on Ctrl-C is a signal again.
        screen?.close();
      },
      onStart: (stop) => {
        if (out.isTty) {
          screen = new WatchScreen(out, stop, draw);
          screen.open();
          err.clearTransient = () => screen?.close();
        }
        draw();
        timer = setInterval(draw, DRAW_INTERVAL_MS);
      },
      onResult: (value) => {
        const page = value as Extract<WatchPage, { type: 'connections' }>;
        table.update(page);
        undrawn.push(page.lane);
      },
      ...(out.isTty
        ? {
            onProgress: (progress) => table.setProgress(progress),
            onLive: () => table.setLive(),
          }
        : {}),
      onEnd: () => {
        clearInterval(timer);
        err.clearTransient = undefined;
        screen?.close();
        for (const line of table.finalLines(MAX_FINAL_ROWS)) out.line(line);
      },
    },
    tellRest: () => {},
  };
}
