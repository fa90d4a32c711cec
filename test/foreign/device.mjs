/**
 * A device that a command starts, and that misbehaves in one sequence: `device.mjs HOW SEQUENCE FILE`. In every other one
 * it polls once, as it should. What it starts is written down in FILE, by its process id.
 */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { request } from 'node:https';

const [how, sequence, file] = process.argv.slice(2);
const { SGP33_EIM_ADDRESS: address = '', SGP33_EIM_FQDN: servername = '', SGP33_EID: eid = '' } = process.env;
const [host, port] = address.split(':');

/** GetEimPackage, whatever is answered. */
const poll = () =>
  new Promise((resolve) => {
    const headers = {
      'content-type': 'application/x-gsma-rsp-asn1',
      'x-admin-protocol': 'gsma/rsp/v2.1.0',
      'user-agent': 'gsma-rsp-ipad',
    };
    const options = { host, port, servername, path: '/gsma/rsp2/asn1', method: 'POST', headers };
    const sent = request({ ...options, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      response.on('end', resolve).on('error', resolve);
    });
    sent.on('error', resolve);
    sent.end(Buffer.from(`BF4F125A10${eid}`, 'hex'));
  });

/** Goes on after its parent, and after a SIGTERM. */
const child = (options) => {
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
  const started = spawn(process.execPath, ['-e', script], { stdio: 'ignore', ...options });
  appendFileSync(file, `${started.pid}\n`);
  started.unref();
};

const forever = () => new Promise(() => setInterval(() => {}, 1000));

const WAYS = {
  'never-polls': () => undefined,
  storm: async () => {
    for (;;) await poll();
  },
  crashes: () => {
    console.error('assertion failed: eim != NULL');
    process.exit(7);
  },
  hangs: forever,
  'hangs-on-sigterm': () => {
    process.on('SIGTERM', () => {});
    return forever();
  },
  'logs-100-mb': async () => {
    const line = `${'x'.repeat(1023)}\n`.repeat(1024);
    for (let i = 0; i < 100; i++) await new Promise((resolve) => process.stdout.write(line, resolve));
  },
  forks: async () => {
    child({});
    child({ detached: true });
    await poll();
  },
  'ends-by-signal': () => {
    process.kill(process.pid, 'SIGSEGV');
    return forever();
  },
};

appendFileSync(file, `${process.pid}\n`);
await (process.env.SGP33_SEQUENCE === sequence ? WAYS[how] : poll)();
