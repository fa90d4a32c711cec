/** The built-in IPAd: what other parts of the tool use of it. */
export { builtInCard } from './card/built-in-card.js';
export { CardGone, type CardPort } from './card/card-port.js';
export { socketCard, type SocketCardOptions } from './card/socket-card.js';
export { IPAD_DEFECTS, type IpadDefect, type IpadDefectName } from './defects.js';
export { Device, TRIGGERS, type DeviceOptions, type Trigger } from './device.js';
export { listenForPackages, type InjectionOptions } from './injection-listener.js';
export { Ipad } from './ipad.js';
export { LOCAL_FUNCTIONS, RESET_OPTIONS, type LocalFunction, type ResetOption } from './local-functions.js';
export { DEFAULT_TIMINGS, type EsipaTransport, type IpadOptions, type IpadTimings } from './options.js';
