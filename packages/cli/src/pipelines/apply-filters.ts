import {
  filterAddress,
  filterConnection,
  filterFlags,
  filterKind,
  filterOp,
  filterPort,
  filterState,
  filterTime,
  type KindViews,
  type PipelineDefinition,
  sampleConnections,
} from '@sockflow/core';

import type { FilterSet } from '../options/filter-set.ts';

type Batches = Parameters<PipelineDefinition['events']>[0];

/** The batches behind every filter of the set, all of them ours, so that they fuse into one scan and are pushed down. */
export function applyFilters(batches: Batches, filters: FilterSet): Batches {
  let result = batches;
  const { kinds, ops, cbFlags, tcpFlags, ecnFlags, states, connection, time, sampleRatio } =
    filters;
  if (kinds !== undefined)
    result = result.pipe(filterKind(...(kinds as readonly (keyof KindViews)[])));
  if (ops !== undefined) result = result.pipe(filterOp(...ops));
  if (time !== undefined) result = result.pipe(filterTime(time));
  if (cbFlags !== undefined) result = result.pipe(filterFlags({ cb: cbFlags }));
  if (tcpFlags !== undefined) result = result.pipe(filterFlags({ tcp: tcpFlags }));
  if (ecnFlags !== undefined) result = result.pipe(filterFlags({ ecn: ecnFlags }));
  if (states !== undefined) result = result.pipe(filterState(...states));
  for (const { end, ports } of filters.ports) result = result.pipe(filterPort(ports, { end }));
  for (const { end, networks } of filters.networks) {
    result = result.pipe(filterAddress(networks, { end }));
  }
  if (connection !== undefined) result = result.pipe(filterConnection(connection));
  if (sampleRatio !== undefined) result = result.pipe(sampleConnections(sampleRatio));
  return result;
}
