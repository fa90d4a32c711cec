/** The card: commands in, answers out, in the personality of T=0 or T=1. Nothing a terminal sends makes it throw. */
import type { VirtualCard } from '../../virtual-card.js';
import type { EuiccCore } from '../core.js';
import { ECASD_AID, executeEs10, ISD_R_AID, isdrFci } from '../isd-r.js';
import { powerUp } from '../power-up.js';
import { enabledProfile } from '../state.js';
import { readOne } from '../../tlv/reader.js';
import { hex, octets, wrap } from '../../tlv/writer.js';
import { answerToReset, type Protocol } from './answer-to-reset.js';
import { Channels, type Channel } from './channel.js';
import { parseCommand, type CommandApdu } from './command-apdu.js';
import { DIR_RECORD_LENGTH, dirRecord, fcp, fileById, iccidFile } from './file-system.js';
import { ResponseBuffer } from './response-buffer.js';
import { Refused, statusBytes, SW } from './status-word.js';
import { takeBlock } from './store-data.js';
import { Toolkit } from './toolkit.js';

const NOTHING = new Uint8Array(0);

export class CardOs implements VirtualCard {
  readonly #channels: Channels;
  readonly #toolkit: Toolkit;
  readonly #waiting = new ResponseBuffer();
  #powered = true;

  constructor(
    private readonly core: EuiccCore,
    private readonly protocol: Protocol,
  ) {
    this.#channels = new Channels(() => core.state.limits.channels, core.defects);
    this.#toolkit = new Toolkit(core);
  }

  atr(): Uint8Array {
    return answerToReset(this.protocol, this.core.defects);
  }

  powerOn(): void {
    this.#powered = true;
    this.reset();
  }

  powerOff(): void {
    this.#powered = false;
  }

  reset(): void {
    this.#channels.reset();
    this.#toolkit.reset();
    this.#waiting.clear();
    powerUp(this.core);
  }

  /**
   * One ES10 request past all channels, as the test tool looks into the card: nothing that a terminal has begun is
   * disturbed, and it works without power too.
   */
  es10(request: Uint8Array): { data: Uint8Array; sw: number } {
    try {
      const data = executeEs10(this.core, request);
      this.#toolkit.answerDelivered();
      return { data, sw: SW.ok };
    } catch (error) {
      return { data: NOTHING, sw: error instanceof Refused ? error.sw : SW.noDiagnosis };
    }
  }

  transmit(bytes: Uint8Array): Uint8Array {
    if (this.core.dead || !this.#powered) return statusBytes(SW.noDiagnosis);
    try {
      return this.#run(parseCommand(bytes));
    } catch (error) {
      return statusBytes(error instanceof Refused ? error.sw : SW.noDiagnosis);
    }
  }

  /** 9000, or 91xx while a proactive command waits. The change that an answer announced follows its last byte. */
  readonly #end = (): number => {
    this.#toolkit.answerDelivered();
    const { pending } = this.#toolkit;
    return pending === undefined ? SW.ok : 0x9100 | pending;
  };

  #run(command: CommandApdu): Uint8Array {
    const channel = this.#channels.at(command.channel);
    this.#toolkit.begin();
    if (command.ins === 0xc0) return this.#getResponse(command);
    // An answer that nobody fetched is gone, and what it announced happens.
    this.#waiting.clear();
    this.#toolkit.answerDelivered();
    return command.proprietary ? this.#proprietary(command, channel) : this.#interindustry(command, channel);
  }

  #getResponse(command: CommandApdu): Uint8Array {
    if (command.p1 !== 0 || command.p2 !== 0) throw new Refused(SW.wrongP1P2);
    const exact = this.protocol === 'T=0';
    return this.#waiting.getResponse(command.channel, command.le ?? 256, exact, this.#end);
  }

  #interindustry(command: CommandApdu, channel: Channel): Uint8Array {
    switch (command.ins) {
      case 0xa4:
        return this.#answer(command, this.#select(command, channel));
      case 0x70:
        return this.#manageChannel(command);
      case 0xb0:
        return this.#readBinary(command, channel);
      case 0xb2:
        return this.#readRecord(command, channel);
      default:
        throw new Refused(PROPRIETARY_INS.has(command.ins) ? SW.unknownClass : SW.unknownInstruction);
    }
  }

  #proprietary(command: CommandApdu, channel: Channel): Uint8Array {
    // The toolkit speaks on the basic channel (TS 102 221 11.2).
    if (TOOLKIT_INS.has(command.ins) && command.channel !== 0) throw new Refused(SW.unknownClass);
    switch (command.ins) {
      case 0xe2:
        return this.#storeData(command, channel);
      case 0xf2:
        return this.#sized(command, channel.application === 'ISD-R' ? isdrFci(this.core) : fcp('MF'));
      case 0xaa:
        return this.#terminalCapability(command);
      case 0x10:
        this.#toolkit.terminalProfile(command.data);
        return statusBytes(this.#end());
      case 0x12:
        // A wrong Le is answered by 6Cxx, and the command waits on.
        this.#checkLe(command, this.#toolkit.proactiveCommand());
        return this.#sized(command, this.#toolkit.fetch());
      case 0x14:
        this.#toolkit.terminalResponse(command.data);
        return statusBytes(this.#end());
      default:
        throw new Refused(INTERINDUSTRY_INS.has(command.ins) ? SW.unknownClass : SW.unknownInstruction);
    }
  }

  #select({ p1, p2, data }: CommandApdu, channel: Channel): Uint8Array {
    if (p2 !== 0x00 && p2 !== 0x04 && p2 !== 0x0c) throw new Refused(SW.wrongP1P2);
    if (p1 !== 0x04 && p1 !== 0x00 && p1 !== 0x08) throw new Refused(SW.wrongP1P2);
    const answer = p1 === 0x04 ? this.#selectByAid(hex(data), channel) : this.#selectFile(data, channel);
    return p2 === 0x0c ? NOTHING : answer;
  }

  /** A failed SELECT leaves what was selected before (ISO/IEC 7816-4 11.2.2). */
  #selectByAid(aid: string, channel: Channel): Uint8Array {
    const application = aid === ISD_R_AID ? 'ISD-R' : aid === ECASD_AID ? 'ECASD' : undefined;
    if (application === undefined && !this.core.defects.has('any-aid-selects'))
      throw new Refused(SW.notFound);
    channel.application = application;
    channel.chain = undefined;
    return application === 'ISD-R' ? isdrFci(this.core) : wrap(0x6f, octets(0x84, aid));
  }

  #selectFile(data: Uint8Array, channel: Channel): Uint8Array {
    const file = data.length === 0 ? 'MF' : fileById(data);
    if (file === undefined) throw new Refused(SW.notFound);
    channel.file = file;
    channel.application = undefined;
    channel.chain = undefined;
    return fcp(file);
  }

  #manageChannel(command: CommandApdu): Uint8Array {
    const { p1, p2, data } = command;
    if (data.length > 0) throw new Refused(SW.wrongLength);
    if (p1 === 0x80) {
      this.#channels.close(p2 === 0 ? command.channel : p2);
      return statusBytes(this.#end());
    }
    if (p1 !== 0x00) throw new Refused(SW.wrongP1P2);
    // The number is told only where the card has chosen it, so Le is looked at first.
    if (p2 === 0 && command.le !== undefined && command.le !== 1 && this.protocol === 'T=0')
      throw new Refused(0x6c01);
    const number = this.#channels.open(p2);
    return p2 === 0 ? this.#sized({ ...command, le: 1 }, Uint8Array.of(number)) : statusBytes(this.#end());
  }

  #readBinary(command: CommandApdu, channel: Channel): Uint8Array {
    if (channel.file !== 'EF_ICCID') throw new Refused(channel.file === 'MF' ? 0x6986 : 0x6981);
    const file = iccidFile(enabledProfile(this.core.state)?.iccid);
    const offset = (command.p1 << 8) | command.p2;
    if (command.p1 >= 0x80) throw new Refused(SW.notFound);
    if (offset >= file.length) throw new Refused(SW.outsideFile);
    return this.#sized(command, file.subarray(offset), true);
  }

  #readRecord(command: CommandApdu, channel: Channel): Uint8Array {
    if (channel.file !== 'EF_DIR') throw new Refused(channel.file === 'MF' ? 0x6986 : 0x6981);
    if ((command.p2 & 0x07) !== 0x04) throw new Refused(SW.wrongP1P2);
    const record = dirRecord(command.p1, enabledProfile(this.core.state) !== undefined);
    if (command.le !== undefined && command.le < DIR_RECORD_LENGTH)
      throw new Refused(0x6c00 | DIR_RECORD_LENGTH);
    return this.#sized(command, record);
  }

  /** Any content of A9 is taken; tag 84 says that an IPAd is there, which ends an IPAe (SGP.32 3.8.4). */
  #terminalCapability(command: CommandApdu): Uint8Array {
    if (this.core.defects.has('terminal-capability-refused')) throw new Refused(SW.unknownInstruction);
    try {
      if (readOne(command.data).tag !== 0xa9) throw new Refused(SW.wrongData);
    } catch {
      throw new Refused(SW.wrongData);
    }
    return statusBytes(this.#end());
  }

  #storeData(command: CommandApdu, channel: Channel): Uint8Array {
    const { defects } = this.core;
    if (channel.application !== 'ISD-R' && !defects.has('es10-without-selection'))
      throw new Refused(SW.conditionsNotSatisfied);
    const request = takeBlock(channel, command, defects);
    if (request === undefined) return statusBytes(this.#end());
    const response = executeEs10(this.core, request);
    return this.#answer(command, defects.has('response-truncated') ? response.subarray(0, 256) : response);
  }

  /** The answer to a command with data (case 4). */
  #answer(command: CommandApdu, data: Uint8Array): Uint8Array {
    if (data.length === 0) return statusBytes(this.#end());
    if (this.protocol === 'T=0' || command.le === undefined) return this.#waiting.hold(command.channel, data);
    return this.#waiting.give(command.channel, data, command.le, this.#end);
  }

  /** The answer to a command without data (case 2). @param part a shorter Le reads a part of it. */
  #sized(command: CommandApdu, data: Uint8Array, part = false): Uint8Array {
    const le = this.#checkLe(command, data, part);
    const end = part ? data.subarray(0, le) : data;
    return this.#waiting.give(command.channel, end, le, this.#end);
  }

  #checkLe(command: CommandApdu, data: Uint8Array, part = false): number {
    const le = command.le ?? 256;
    if (this.protocol === 'T=0' && (le > data.length || (le < data.length && !part)))
      throw new Refused(0x6c00 | (data.length % 256));
    return le;
  }
}

const INTERINDUSTRY_INS: ReadonlySet<number> = new Set([0xa4, 0x70, 0xb0, 0xb2]);
const TOOLKIT_INS: ReadonlySet<number> = new Set([0x10, 0x12, 0x14]);
const PROPRIETARY_INS: ReadonlySet<number> = new Set([0xe2, 0xf2, 0xaa, 0x10, 0x12, 0x14]);
