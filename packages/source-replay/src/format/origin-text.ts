import type { Origin, OriginClock } from '@sockflow/core';

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** An origin as the JSON text of an ORIGIN frame's body: two origins are the same when their texts are. */
export function originText(origin: Origin): string {
  return JSON.stringify({
    id: origin.id,
    hostName: origin.hostName,
    bootId: origin.bootId,
    kernelRelease: origin.kernelRelease,
    hz: origin.hz,
    clock:
      origin.clock === undefined
        ? undefined
        : {
            bootNs: origin.clock.bootNs.toString(),
            realtimeNs: origin.clock.realtimeNs.toString(),
          },
    captured: origin.captured?.toString(),
  });
}

/** @returns the origin of an ORIGIN frame's body; `undefined` where the text is not one. */
export function parseOrigin(text: string): Origin | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  const fields = value as Record<string, unknown>;
  if (typeof fields['id'] !== 'string') return undefined;
  const clock = parseClock(fields['clock']);
  const captured = parseU64(fields['captured']);
  const hz = fields['hz'];
  return {
    id: fields['id'],
    ...textField(fields, 'hostName'),
    ...textField(fields, 'bootId'),
    ...textField(fields, 'kernelRelease'),
    ...(typeof hz === 'number' && hz > 0 ? { hz } : {}),
    ...(clock === undefined ? {} : { clock }),
    ...(captured === undefined ? {} : { captured }),
  };
}

function textField<K extends string>(
  fields: Record<string, unknown>,
  key: K,
): Partial<Record<K, string>> {
  const value = fields[key];
  return typeof value === 'string' ? ({ [key]: value } as Record<K, string>) : {};
}

function parseClock(value: unknown): OriginClock | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const bootNs = parseU64(fields['bootNs']);
  const realtimeNs = parseU64(fields['realtimeNs']);
  return bootNs === undefined || realtimeNs === undefined ? undefined : { bootNs, realtimeNs };
}

function parseU64(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return undefined;
  const number = BigInt(value);
  return number <= MAX_U64 ? number : undefined;
}
