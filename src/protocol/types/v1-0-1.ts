/**
 * SGP.32 v1.0.1, only what differs on the wire or in a name from v1.2. `typesFor('1.0.1')` lays it over the rest:
 * the types that both versions share are declared once, with v1.2.
 */
export * from './v1-0-1-eim-package.js';
export * from './v1-0-1-es10.js';
export * from './v1-0-1-esep.js';
export * from './v1-0-1-esep-result.js';
export * from './v1-0-1-esipa.js';
