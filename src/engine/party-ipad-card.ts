/** What the IPAd does at its eUICC: the next command that a step is about, found among all that it gave. */
import type { FactMap } from '../../drivers/eim-contract.js';
import type { CardCommand } from '../../drivers/ipad-contract.js';
import { bytesToHex } from '../protocol/asn1/index.js';
import { es10FunctionByTag, typeByName } from '../protocol/types/index.js';
import { tagOf } from './ipad-default-reply.js';
import { typesIn } from './ipad-expectation.js';
import type { IpadStage } from './ipad-stage.js';
import { endText } from './ipad-traffic.js';
import { answerAllByDefault, patience } from './party-ipad-esipa.js';
import type { Scope } from './scope.js';
import { textOf } from './scope.js';
import type { Seen, Served } from './stage.js';
import type { ServeStep } from './suite.js';
import { asMap, find, texts, type YMap } from './yaml/nodes.js';

const NOTHING = new Uint8Array(0);

/** @throws {Sgp33Error} `ipad-card`; {TransportError} `aborted`. */
export async function serveCard(
  stage: IpadStage,
  step: ServeStep,
  scope: Scope,
  signal: AbortSignal,
): Promise<Served> {
  if (stage.driver.card === undefined) throw stage.noCard();
  const silence = find(step.expected, 'silence');
  if (silence !== undefined) return watched(await quiet(stage, asMap(silence, 'silence'), signal));
  const wanted = wantedCommand(stage, step.expected, scope);
  const { traffic } = stage;
  const found = await traffic.wait<CardCommand | 'over'>(
    () => {
      const command = traffic.takeCommand(wanted.matches);
      if (command !== undefined) return command;
      return traffic.ending !== undefined && traffic.idle ? 'over' : undefined;
    },
    patience(stage, step.expected, scope),
    signal,
  );
  if (found === undefined || found === 'over')
    return watched(nothingDone(stage, wanted.name, found === 'over'));
  return watched({ data: found.command, facts: factsOf(found) }, { data: found.response, sw: found.sw });
}

/** Under the kind of the command. A reset is no APDU, but it is asked for among them. */
const factsOf = ({ kind, facts }: CardCommand): FactMap => ({
  [kind]: facts,
  ...(kind === 'reset' ? { apdu: { name: 'RESET' } } : {}),
});

const watched = (seen: Seen, response?: Seen): Served => ({
  seen,
  ...(response === undefined ? {} : { response }),
  reply: () => Promise.resolve(undefined),
  refuse: () => Promise.resolve(),
});

interface Wanted {
  readonly name: string;
  readonly matches: (c: CardCommand) => boolean;
}

/** By the type of an ES10 request, or by the name of an APDU; else any command. */
function wantedCommand(stage: IpadStage, expected: YMap, scope: Scope): Wanted {
  const types = typesIn(expected, stage, scope);
  if (types.length > 0) {
    const tags = new Set(types.map((t) => typeByName(stage.version, t).tag));
    return { name: types.join(' or '), matches: (c) => c.kind === 'es10' && tags.has(tagOf(c.command)) };
  }
  const apdu = find(expected, 'apdu');
  const name = apdu?.kind === 'map' ? find(apdu, 'name') : undefined;
  if (name === undefined) return { name: 'a command', matches: (c) => c.kind !== 'removed' };
  const text = textOf(name, scope, 'name');
  return {
    name: text,
    matches: (c) => (text === 'RESET' ? c.kind === 'reset' : c.kind === 'apdu' && apduName(c) === text),
  };
}

/**
 * None of these functions, or no command at all, until the device is idle. So that it can become so, what it says to an
 * eIM is answered as a good eIM does.
 */
async function quiet(stage: IpadStage, silence: YMap, signal: AbortSignal): Promise<Seen> {
  const of = find(silence, 'of');
  const types = of === undefined ? [] : texts(of, 'of');
  const tags = new Set(types.map((t) => typeByName(stage.version, t).tag));
  const { traffic } = stage;
  const broken = await traffic.wait<CardCommand | 'idle'>(
    () => {
      for (const role of stage.driver.eims.keys()) answerAllByDefault(stage, role);
      return (
        traffic.commands.find(
          (c) =>
            (c.kind === 'es10' || types.length === 0) && (types.length === 0 || tags.has(tagOf(c.command))),
        ) ?? (traffic.idle ? 'idle' : undefined)
      );
    },
    performance.now() + stage.driver.patienceMs,
    signal,
  );
  if (broken === undefined || broken === 'idle') return { data: NOTHING };
  return {
    data: broken.command,
    facts: factsOf(broken),
    fault: {
      kind: 'unexpected',
      path: commandName(stage, broken),
      expected: types.length === 0 ? 'no command' : `no ${types.join(', no ')}`,
      actual: `${commandName(stage, broken)} ${bytesToHex(broken.command.subarray(0, 64))}`,
    },
  };
}

function commandName(stage: IpadStage, command: CardCommand): string {
  const tag = tagOf(command.command);
  const known =
    command.kind === 'es10' && tag !== undefined ? es10FunctionByTag(stage.version, tag)?.name : undefined;
  return known ?? apduName(command) ?? command.kind;
}

function apduName({ kind, facts: { name } }: CardCommand): string | undefined {
  return kind === 'apdu' && typeof name === 'string' ? name : undefined;
}

function nothingDone(stage: IpadStage, wanted: string, over: boolean): Seen {
  const { ending, commands } = stage.traffic;
  const why = over && ending !== undefined ? endText(ending) : `not in ${stage.driver.patienceMs} ms`;
  const came = commands.slice(-8).map((c) => commandName(stage, c));
  return {
    data: NOTHING,
    fault: {
      kind: over ? 'reset' : 'timeout',
      path: wanted,
      expected: `${wanted} at the eUICC`,
      actual: `${why}${came.length === 0 ? '' : `; commands that came: ${came.join(', ')}`}`,
    },
  };
}
