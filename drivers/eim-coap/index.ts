/** The driver for an eIM that is reached over CoAP and DTLS. */
export { createCoapChannel } from './channel.js';
export type { CoapChannelOptions } from './options.js';
