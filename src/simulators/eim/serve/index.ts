export { SERVE_DEFECTS, type ServeDefect, type ServeDefectName } from './defect-list.js';
export { OPENAPI_PATH } from './api/service.js';
export type { HttpLimits, JsonErrorForm, ListenAt, ServedEim, ServeEimOptions } from './options.js';
export { serveEim } from './serve-eim.js';
