#!/usr/bin/env node
import { cli } from './cli.js';

// `sgp33 run | head`: whoever read has gone. The run goes on to its end, so that its results are whole and nothing stays.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

// The process ends by itself, so that all of its output is written.
process.exitCode = await cli(process.argv.slice(2));
