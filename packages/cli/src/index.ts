export * from '@sockflow/core';
export * from '@sockflow/sinks';
export * from '@sockflow/source-replay';
