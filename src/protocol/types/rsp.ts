/**
 * The SGP.22 v2.5 module. Where SGP.32 has another type of the same name, the constant here is called `Rsp...`
 * (`RspProfileInfo`) and the registry knows it as `RSP.ProfileInfo`; its ASN.1 name is the plain one.
 */
export * from './common.js';
export * from './rsp-bpp.js';
export * from './rsp-es9.js';
export * from './rsp-info.js';
export * from './rsp-notification.js';
export * from './rsp-profile.js';
export * from './rsp-session.js';
