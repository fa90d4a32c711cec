/** The two times at which a step that is answered is judged: when the IUT spoke, and when it took the answer. */
import type { Seen, SentReply } from './stage.js';
import { find, type YMap } from './yaml/nodes.js';

/** `answered: { ... }` stands aside until the answer is out. */
export function splitAnswered(expected: YMap): { now: YMap; afterwards: YMap | undefined } {
  if (find(expected, 'answered') === undefined) return { now: expected, afterwards: undefined };
  const part = (answered: boolean): YMap => ({
    ...expected,
    entries: expected.entries.filter((e) => (e.key === 'answered') === answered),
  });
  return { now: part(false), afterwards: part(true) };
}

export const answeredSeen = ({ facts }: SentReply): Seen => ({
  data: new Uint8Array(0),
  facts: { answered: facts },
});
