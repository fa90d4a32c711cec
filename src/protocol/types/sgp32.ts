/** The SGP.32 v1.2 module. */
export * from './eim-package.js';
export * from './es10.js';
export * from './es10-data.js';
export * from './es10-session.js';
export * from './es10-switch.js';
export * from './esep.js';
export * from './esep-result.js';
export * from './esipa.js';
