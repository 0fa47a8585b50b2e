import { isSockflowError, PipelineError } from '../errors.ts';

/** What a function of the user threw inside one of our operators, as an error that names the operator. An error of ours says what is wrong by itself and stays. */
export function operatorError(operator: string, cause: unknown): Error {
  if (isSockflowError(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PipelineError('ERR_SOCKFLOW_OPERATOR', `${operator}: its function threw: ${reason}`, {
    details: { operator },
    remedy: `See the cause for the place in the function given to ${operator}`,
    cause,
  });
}
