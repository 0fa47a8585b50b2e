/*
 * SIGINT and SIGTERM from the command's first moment on. bin/sockflow.js loads this before the rest, which takes a good part of a second: whoever presses Ctrl-C then gets the exit code that
 * the signal has later, too. There is nothing to drain yet: the process ends at once. It must stay small and import nothing of ours.
 */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
let areHeld = false;

function end(signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal]);
}

/** Ends the process with the signal's exit code until {@link releaseEarlySignals}. */
export function holdEarlySignals(): void {
  areHeld = true;
  for (const signal of SIGNALS) process.on(signal, end);
}

/**
 * Leaves the signals to who has listeners of its own, and otherwise to the system: what computes for long without a pause hears of no signal, and must be ended by one.
 *
 * @returns whether they were held
 */
export function releaseEarlySignals(): boolean {
  const wereHeld = areHeld;
  areHeld = false;
  for (const signal of SIGNALS) process.off(signal, end);
  return wereHeld;
}
