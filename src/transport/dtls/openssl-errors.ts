import { alertName } from './alerts.js';
import type { OpenSsl } from './openssl.js';

const ERR_LIB_SSL = 20;
const SSL_AD_REASON_OFFSET = 1000;
const SSL_R_CERTIFICATE_VERIFY_FAILED = 134;
const SSL_R_NO_CIPHERS_AVAILABLE = 181;
/** More than OpenSSL's own queue holds. */
const MAX_QUEUE = 32;

export interface QueuedErrors {
  /** OpenSSL's reasons, the first first; empty when there are none. */
  readonly text: string;
  /** The fatal alert that the peer sent. */
  readonly alert: string | undefined;
  readonly certificateRefused: boolean;
  readonly noCipher: boolean;
}

/** Empties the error queue. */
export function queuedErrors(ssl: OpenSsl): QueuedErrors {
  const texts: string[] = [];
  const reasons: number[] = [];
  for (let count = 0; count < MAX_QUEUE; count++) {
    const code = Number(ssl.ERR_get_error());
    if (code === 0) break;
    const reason = code % 0x80_0000;
    texts.push(ssl.ERR_reason_error_string(code) ?? `reason ${reason}`);
    if (Math.floor(code / 0x80_0000) % 0x100 === ERR_LIB_SSL) reasons.push(reason);
  }
  const alert = reasons.find(
    (reason) => reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256,
  );
  return {
    text: [...new Set(texts)].join('; '),
    alert: alert === undefined ? undefined : alertName(alert - SSL_AD_REASON_OFFSET),
    certificateRefused: reasons.includes(SSL_R_CERTIFICATE_VERIFY_FAILED),
    noCipher: reasons.includes(SSL_R_NO_CIPHERS_AVAILABLE),
  };
}
