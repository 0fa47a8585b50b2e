import type { Sink, SinkContext, SinkPrepareContext, SinkWriter } from '@sockflow/core';

const INPUTS: ReadonlySet<unknown> = new Set(['batches', 'values', 'both']);

type Refuse = (message: string, remedy: string) => Error;

const SINK_REMEDY =
  "Return a sink: { name, accepts, open(context) }, where accepts is 'batches', 'values' or 'both'";
const WRITER_REMEDY =
  'Return a writer from open: { write, flush, close, acknowledged, failed }, the last two numbers';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What is wrong with a sink's shape, or nothing. */
function sinkFault(sink: unknown): string | undefined {
  if (!isRecord(sink)) return `made ${sink === null ? 'null' : typeof sink}, expected a sink`;
  if (typeof sink['name'] !== 'string' || sink['name'] === '')
    return "made a sink without a 'name' (a text for messages)";
  if (!INPUTS.has(sink['accepts']))
    return `made a sink whose 'accepts' is ${JSON.stringify(sink['accepts']) ?? 'missing'}, expected 'batches', 'values' or 'both'`;
  if (typeof sink['open'] !== 'function') return "made a sink without 'open(context)'";
  if (sink['prepare'] !== undefined && typeof sink['prepare'] !== 'function')
    return "made a sink whose 'prepare' is no function";
  return undefined;
}

/** What is wrong with a writer's shape, or nothing. */
function writerFault(writer: unknown): string | undefined {
  if (!isRecord(writer)) return "'open' gave no writer";
  for (const method of ['write', 'flush', 'close'])
    if (typeof writer[method] !== 'function') return `'open' gave a writer without '${method}()'`;
  for (const counter of ['acknowledged', 'failed'])
    if (typeof writer[counter] !== 'number')
      return `'open' gave a writer whose '${counter}' is no number: what it counts is checked against what it was given`;
  return undefined;
}

/**
 * A sink of somebody's own whose shape is as the contract wants it; its writers are looked at when they are opened.
 *
 * @throws what `refuse` makes of the fault
 */
export function checkedSink(made: unknown, refuse: Refuse): Sink {
  const fault = sinkFault(made);
  if (fault !== undefined) throw refuse(fault, SINK_REMEDY);
  const sink = made as Sink;
  const open = async (context: SinkContext): Promise<SinkWriter> => {
    const writer = await sink.open(context);
    const writerFaultFound = writerFault(writer);
    if (writerFaultFound !== undefined) throw refuse(writerFaultFound, WRITER_REMEDY);
    return writer;
  };
  const prepare = async (context: SinkPrepareContext): Promise<void> => {
    await sink.prepare?.(context);
  };
  const target = typeof sink.target === 'string' ? { target: sink.target } : {};
  const { otherTargets } = sink;
  const others = Array.isArray(otherTargets) ? { otherTargets } : {};
  return { name: sink.name, accepts: sink.accepts, ...target, ...others, prepare, open };
}
