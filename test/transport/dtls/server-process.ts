/** A process with an echo server, to be killed: `server-process.ts`, with an IPC channel that gets the port. */
import { serveDtls } from '../../../src/transport/dtls/index.js';
import { EIM_TLS, HOST } from './credentials.js';

const server = await serveDtls({ host: HOST, port: 0, credentials: EIM_TLS }, (session) => {
  session.onMessage((data) => void session.send(data));
});
process.send?.(server.port);
