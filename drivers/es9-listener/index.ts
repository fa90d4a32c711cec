/** The SM-DP+ as an eIM sees it when it delivers notifications: ES9+'.HandleNotification (SGP.32 5.7, SGP.22 6.5). */
export { listenEs9, type Es9ListenerOptions } from './listen.js';
