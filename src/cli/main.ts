#!/usr/bin/env node
import { cli } from './cli.js';

// The process ends by itself, so that all of its output is written.
process.exitCode = await cli(process.argv.slice(2));
