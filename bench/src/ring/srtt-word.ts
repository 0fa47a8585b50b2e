/** Word of `srttUs` in a slot of 64. Only there does the producing thread write an event's index plus one, elsewhere the index: who reads another word gets another sum. */
export const SRTT_WORD = 43;
