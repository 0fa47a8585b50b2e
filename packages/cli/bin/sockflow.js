#!/usr/bin/env node
// Committed, so that package managers can link the command before anything is built.
import { holdEarlySignals } from '../dist/session/early-signals.js';

holdEarlySignals();
await import('../dist/main.js');
