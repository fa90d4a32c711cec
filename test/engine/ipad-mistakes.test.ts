import { describe, expect, it } from 'vitest';
import { files, GOT, POLL, WAIT } from './support/ipad-sequence.js';
import { mistakes } from './support/suite-files.js';

describe('mistakes in a sequence of an IPAd', () => {
  it.each([
    ['an unknown trigger', '- operator -> IPAd: { pol: {} }\n' + GOT, 'unknown-trigger', 'Did you mean poll'],
    [
      'an answer from somebody else',
      '- IPAd -> S_eIM: { silence: {} }\n  S_eUICC -> IPAd: { sw: "9000" }\n  rq: [RQ-ONE]\n',
      'step-shape',
      '',
    ],
    [
      'a requirement on nothing',
      '- IPAd -> S_eIM: { GetEimPackageRequest: !any }\n  rq: [RQ-ONE]\n',
      'expects-nothing',
      '',
    ],
    ['an unknown type', WAIT('{ GetEimPackageRequst: { eidValue: $EID1 } }'), 'unknown-type', ''],
    ['an unknown key in an answer', WAIT('{ silence: {} }', '{ silence: {}, bla: {} }'), 'unknown-key', ''],
  ])('%s', (_, steps, code, repair) => {
    const { codes, text } = mistakes(files(steps));
    expect(codes.join()).toContain(code);
    expect(text).toContain(repair);
  });

  it('an unknown condition', () => {
    const { codes } = mistakes(files(POLL + GOT, 'initialConditions: [{ S_eIM: asociated }]\n'));
    expect(codes.join()).toContain('unknown-condition');
  });
});
