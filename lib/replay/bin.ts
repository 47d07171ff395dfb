#!/usr/bin/env node
/** `gatewire-replay`, the program. */
import { replayCommand } from './command.js';

void replayCommand(process.argv.slice(2), process).then((code) => (process.exitCode = code));
