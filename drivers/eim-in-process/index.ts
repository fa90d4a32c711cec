/** An eIM in this very process: ESipa messages in the ASN.1 binding as bytes, without a transport around them. */
export { createInProcessChannel, type EsipaFunction } from './channel.js';
export { inProcessNotifications, type InProcessNotifications } from './notifications.js';
