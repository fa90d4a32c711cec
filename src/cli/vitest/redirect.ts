/** Loaded into the worker before anything else, when {@link workerArguments} says so. */
import { register } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ourVitest } from './same-vitest.js';

const suffix = extname(fileURLToPath(import.meta.url));
register(new URL(`./redirect-hooks${suffix}`, import.meta.url), { data: ourVitest() });
