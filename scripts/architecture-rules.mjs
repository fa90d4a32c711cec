/**
 * Who may import whom. The first area whose pattern fits a file is its area; `may` lists the areas it may import
 * besides its own, `mayTypes` those from which it may import types only.
 */
export const AREAS = [
  { name: 'drivers/contract', files: /^drivers\/(eim-|ipad-)?contract\.ts$/, may: ['src/protocol'] },
  { name: 'src/protocol', files: /^src\/protocol\//, may: [] },
  // DTLS and CoAP, which simulators serve and drivers speak.
  { name: 'src/transport', files: /^src\/transport\//, may: ['src/protocol'] },
  { name: 'src/simulators', files: /^src\/simulators\//, may: ['src/transport', 'src/protocol'] },
  {
    name: 'drivers',
    files: /^drivers\//,
    may: ['drivers/contract', 'src/transport', 'src/protocol', 'src/simulators'],
  },
  // What a run leaves behind and what reports read: the result types and the run store.
  {
    name: 'src/engine/results',
    files: /^src\/engine\/(results?|run-store)[/.-]/,
    may: ['src/protocol'],
    mayTypes: ['drivers/contract'],
  },
  {
    name: 'src/engine',
    files: /^src\/engine\//,
    may: ['src/engine/results', 'drivers/contract', 'src/protocol'],
  },
  {
    name: 'reports',
    files: /^reports\//,
    may: ['src/engine/results', 'src/protocol'],
    mayTypes: ['src/engine', 'drivers/contract'],
  },
  {
    name: 'src/cli',
    files: /^src\/(cli\/|[^/]+\.ts$)/,
    may: [
      'src/engine',
      'src/engine/results',
      'src/simulators',
      'src/transport',
      'src/protocol',
      'drivers',
      'drivers/contract',
      'reports',
    ],
  },
];

/** The engine and the protocol never touch a socket or a foreign library's memory: drivers and simulators do. */
export const WITHOUT_SOCKETS = ['src/protocol', 'src/engine', 'src/engine/results', 'drivers/contract'];
export const SOCKET_MODULES = [
  ...['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'child_process'],
  ...['koffi', 'undici', 'ws'],
];

/** Folders whose sources are looked at. */
export const SOURCE_FOLDERS = ['src', 'drivers', 'reports', 'test', 'bench', 'scripts'];

export const MAX_LINES = 400;
