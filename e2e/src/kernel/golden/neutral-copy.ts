import { lastValueFrom, tap } from 'rxjs';
import { fromReplay, type Origin, RecordingWriter } from 'sockflow';

/** Any other number would do. */
const RECORDING_ID = '5ea1f10ed0c0ffee00000000000000f2';

/**
 * Copies a recording with an origin that tells nothing of the machine it was made on, but for what its values mean: HZ, clock, what could be read, the kernel's
 * version without the builder's suffix.
 */
export async function copyNeutral(from: string, to: string): Promise<void> {
  const writer = RecordingWriter.create(to, { recordingId: RECORDING_ID, creator: 'golden' });
  const copied = fromReplay(from).pipe(
    tap(({ origin, raw }) => writer.appendSelection({ origin: neutral(origin), raw })),
  );
  await lastValueFrom(copied);
  writer.close();
}

function neutral({ hz, clock, captured, kernelRelease }: Origin): Origin {
  const version = /^\d+\.\d+\.\d+/.exec(kernelRelease ?? '')?.[0];
  return {
    id: 'golden',
    hostName: 'golden',
    ...(version === undefined ? {} : { kernelRelease: version }),
    ...(hz === undefined ? {} : { hz }),
    ...(clock === undefined ? {} : { clock }),
    ...(captured === undefined ? {} : { captured }),
  };
}
