#!/usr/bin/env node
// Committed, so that package managers can link the command before anything is built.
import '../dist/main.js';
