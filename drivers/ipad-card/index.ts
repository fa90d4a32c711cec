/** The eUICC of a device under test: S_eUICC, watched. */
export { offerCard, type CardOffer, type OfferedCard, type WatchedCardOptions } from './watched-card.js';
