/** The built-in IPAd: what other parts of the tool use of it. */
export { builtInCard } from './card/built-in-card.js';
export { CardGone, type CardPort } from './card/card-port.js';
export { socketCard, type SocketCardOptions } from './card/socket-card.js';
export { IPAD_DEFECTS, type IpadDefect, type IpadDefectName } from './defects.js';
export { Ipad } from './ipad.js';
export { DEFAULT_TIMINGS, type EsipaTransport, type IpadOptions, type IpadTimings } from './options.js';
