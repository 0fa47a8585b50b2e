import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventObject, EventView } from '../schema/generated/view-types.ts';
import { optionError } from './check-option.ts';
import { type FieldPicker, pickerOf, SELECTABLE_FIELDS } from './field-picker.ts';
import { perEvent } from './per-batch.ts';

/** A name that `select` knows: those of `EventObject`. */
export type SelectField = keyof EventObject;

/** Gives each selected event as an object with these fields only, named and formed as in `toObjects`; what an event does not have is not there. */
export function select<const F extends readonly SelectField[]>(
  ...fields: F
): <E extends EventView>(source: Observable<Batch<E>>) => Observable<Pick<EventObject, F[number]>> {
  const unknown = fields.filter((field) => !SELECTABLE_FIELDS.has(field));
  if (fields.length === 0 || unknown.length > 0) {
    const known = [...SELECTABLE_FIELDS].join(', ');
    throw optionError('select', 'fields', `names out of ${known}`, unknown);
  }
  const pick = pickerOf(fields) as FieldPicker<Pick<EventObject, F[number]>>;
  return (source) => perEvent(source, pick);
}
