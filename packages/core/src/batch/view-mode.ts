/**
 * How views are handed out.
 *
 *   checked  each event has a view of its own; it throws ERR_SOCKFLOW_STALE_VIEW once its step is over
 *   reused   one cursor, moved from event to event; it throws once its batch is over
 */
export type ViewMode = 'checked' | 'reused';

/** The mode where none is asked for: `SOCKFLOW_VIEWS` says it; otherwise checked where `NODE_ENV` is development or test, reused elsewhere. */
export function defaultViewMode(
  env: Readonly<Record<string, string | undefined>> = process.env,
): ViewMode {
  const asked = env['SOCKFLOW_VIEWS'];
  if (asked === 'checked' || asked === 'reused') return asked;
  const nodeEnv = env['NODE_ENV'];
  return nodeEnv === 'development' || nodeEnv === 'test' ? 'checked' : 'reused';
}
