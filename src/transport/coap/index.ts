/** CoAP over any channel of datagrams. */
export { connectUdp, serveUdp, type UdpServer } from './udp.js';
export type { CoapTrace, DatagramChannel } from './channel.js';
export {
  CoapClient,
  DEFAULT_MAX_PAYLOAD,
  type CoapClientOptions,
  type CoapRequest,
  type CoapResponse,
} from './client.js';
export type { AnswerCount } from './client-exchange.js';
export { decodeMessage, encodeMessage } from './codec.js';
export { describeMessage } from './describe.js';
export { CoapError, type CoapErrorCode, type CoapSeen } from './errors.js';
export type { CoapMessage, CoapOption, CoapType } from './message.js';
export { option, OPTION_NUMBERS, type OptionName } from './options.js';
export { CoapServer } from './server.js';
export type {
  CoapDelivery,
  CoapHandler,
  CoapProgress,
  CoapServerOptions,
  CoapServerRequest,
  CoapServerResponse,
} from './server-types.js';
