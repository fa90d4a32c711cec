export { createHttpsChannel } from './channel.js';
export type { HttpsChannelOptions, HttpsTrust } from './options.js';
