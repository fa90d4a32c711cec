/** Triggers as a target writes them, and what is wrong in them, told at its place. */
import { describe, expect, test } from 'vitest';
import { IPAD_TRIGGERS } from '../../../drivers/ipad-contract.js';
import { triggersOf } from '../../../src/cli/drivers/ipad-triggers-notation.js';
import { SuiteError } from '../../../src/engine/yaml/nodes.js';
import { parseYaml } from '../../../src/engine/yaml/parse.js';

const read = (text: string) =>
  triggersOf(parseYaml(text, 't.yaml'), {
    folder: '/bench',
    env: { TOKEN: 'secret' },
    settings: { unit: '7' },
  });

/** `code line:column what` of the mistake. */
function mistake(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    return `${error.code} ${error.message.replace('t.yaml:', '')}`;
  }
  return 'none';
}

describe('a mapping', () => {
  test('names a way for each trigger', () => {
    const { triggers, process, http, folder, settings } = read(`
http: { url: http://127.0.0.1:9000/, deadlineMs: 5000, headers: { X: '{env.TOKEN}' } }
process: { run: [./ipad, '{eimAddress}'], env: { EID: '{eid?}' }, cwd: run, ready: '^up', readyMs: 99, lifetime: run, graceMs: 0 }
poll: { signal: SIGUSR1 }
start, addInitialEim: { command: { shell: './start \${SGP33_EIM_FQDN}', wait: none, lifetime: run } }
resetEimConfiguration: { command: { run: [./reset] } }
memoryReset: { http: { path: '/{settings.unit}/{uuid}' }, accepted: [200, 404] }
executeFallback: { stdin: "fallback\\n" }
returnFromFallback: { restart: {} }
restart: {}
'*': { prompt: { say: 'Do {trigger}' } }
`);
    expect([...triggers.keys()].sort()).toEqual([...IPAD_TRIGGERS].sort());
    expect(Object.fromEntries([...triggers].map(([name, { kind }]) => [name, kind]))).toMatchObject({
      poll: 'signal',
      start: 'command',
      addInitialEim: 'command',
      executeFallback: 'stdin',
      returnFromFallback: 'restart',
      restart: 'restart',
      stop: 'prompt',
      immediateEnable: 'prompt',
    });
    expect(triggers.get('start')).toMatchObject({ timeoutMs: undefined, lifetime: 'run', graceMs: 2000 });
    expect(triggers.get('resetEimConfiguration')).toMatchObject({ timeoutMs: 60_000, lifetime: 'sequence' });
    expect(triggers.get('memoryReset')).toMatchObject({ accepted: [200, 404], call: { method: 'GET' } });
    expect(process).toMatchObject({ ready: /^up/m, readyMs: 99, lifetime: 'run', graceMs: 0 });
    expect(http).toMatchObject({ url: 'http://127.0.0.1:9000', deadlineMs: 5000 });
    expect([folder, settings]).toEqual(['/bench', { unit: '7' }]);
  });

  test('with a process knows start, stop and restart by itself', () => {
    expect([...read(`process: { run: [./ipad] }`).triggers.values()]).toEqual([
      { kind: 'start' },
      { kind: 'stop' },
      { kind: 'restart' },
    ]);
    expect(read('poll: { wait: {} }').process).toBeUndefined();
  });
});

describe('a mistake', () => {
  test.each([
    ['pol: { wait: {} }', "unknown-trigger 1:1: .*'pol'.*Did you mean poll\\?"],
    ['poll, strat: { wait: {} }', "unknown-trigger 1:1: .*'strat'.*Did you mean start\\?"],
    ['poll: { wait: {} }\nstart, poll: { wait: {} }', 'duplicate-name 2:1: .*poll is mapped twice'],
    ['{}', 'driver-setting 1:1: .*maps nothing'],
    ['poll: {}', 'driver-setting 1:7: .*poll needs one way'],
    ['poll: { wait: {}, stdin: x }', 'driver-setting 1:7: .*one way'],
    ['poll: { singal: SIGUSR1 }', 'unknown-key 1:9: .*Did you mean signal\\?'],
    ['poll: { signal: SIGUSR1 }', 'missing-key 1:7: .*triggers.process'],
    ['poll: { stdin: x }', 'missing-key 1:7: .*triggers.process'],
    ['restart: {}', 'missing-key 1:10: .*triggers.process'],
    ['poll: { restart: {} }', 'missing-key 1:7: .*triggers.process'],
    ['process: { run: [a] }\npoll: { signal: USR1 }', "driver-setting 2:17: 'USR1' is no signal.*SIGUSR1"],
    ['poll: { wait: { ms: 3 } }', "unknown-key 1:17: .*'ms'"],
    ['poll: { command: {} }', 'driver-setting 1:18: .*one way to run'],
    ['poll: { command: { run: [a], shell: b } }', 'driver-setting 1:18: .*one way to run'],
    ['poll: { command: { run: [] } }', 'driver-setting 1:25: .*empty'],
    ["poll: { command: { shell: ' ' } }", 'driver-setting 1:27: .*empty'],
    ['poll: { command: { run: [a], wait: forever } }', "driver-setting 1:36: 'forever' is no wait"],
    ['poll: { command: { run: [a], wait: none, timeoutMs: 3 } }', 'driver-setting 1:53: .*no timeoutMs'],
    ['poll: { command: { run: [a], timeoutMs: -3 } }', 'driver-setting 1:41: .*timeoutMs'],
    ['poll: { command: { run: [a], lifetime: long } }', "driver-setting 1:40: 'long' is no lifetime"],
    ['poll: { command: { run: [a], graceMs: 600000 } }', 'driver-setting 1:39: .*graceMs'],
    ["poll: { command: { run: ['{eimFqn}'] } }", 'placeholder 1:26: .*Did you mean eimFqdn\\?'],
    ["poll: { command: { run: ['{eid}'] } }", 'placeholder 1:26: .*in some calls only.*\\{eid\\?'],
    ["poll: { command: { run: ['{env.NONE}'] } }", 'placeholder 1:26: .*environment variable NONE'],
    ["poll: { command: { run: ['{settings.u}'] } }", 'placeholder 1:26: .*settings.unit'],
    ["poll: { command: { run: ['{parameters}'] } }", 'placeholder 1:26: .*no value'],
    ["poll: { command: { run: ['{eimFqdn'] } }", 'management-notation 1:26: .*single \\{'],
    ["poll: { command: { run: [a], cwd: '{x}' } }", 'placeholder 1:35: '],
    ['process: { run: [a], ready: "(" }', "regex 1:29: '\\(' is no regular expression"],
    ['process: { run: [a], redy: x }', 'unknown-key 1:22: .*Did you mean ready\\?'],
    ['process: { run: [a], reset: { stdin: x } }', 'missing-key .*done'],
    ['process: { ready: x }', 'driver-setting 1:10: process needs one way to run'],
    ['poll: { http: { path: /p } }', 'missing-key 1:15: .*triggers.http.url'],
    ['http: { deadlineMs: 5 }\npoll: { http: { path: /p } }', 'missing-key 1:7: .*triggers.http.url'],
    ['http: { url: ftp://a }\npoll: { wait: {} }', "driver-setting 1:14: 'ftp://a' is no url"],
    ['http: { url: http://a }\npoll: { http: { path: p } }', "driver-setting 2:23: 'p' is no path"],
    ['poll: { wait: {}, accepted: 200 }', 'driver-setting 1:29: .*only an HTTP call'],
    [
      'http: { url: http://a }\npoll: { http: { path: /p }, accepted: 9 }',
      "driver-setting 2:39: '9' is no HTTP",
    ],
    ['poll: { wait: {}, done: x }', 'driver-setting 1:25: .*says that it is done'],
    ['process: { run: [a] }\npoll: { signal: SIGUSR1, done: "[" }', 'regex 2:32: '],
    ['poll: { prompt: {} }', "missing-key 1:17: .*'say'"],
    ['poll: { prompt: { say: x, ask: {} } }', "unknown-key 1:27: .*'ask'"],
    ['poll: wait', 'yaml-shape 1:7: '],
    ['- poll', 'yaml-shape 1:1: '],
  ])('%s', (text, expected) => {
    expect(mistake(text)).toMatch(new RegExp(`^${expected}`));
  });
});
