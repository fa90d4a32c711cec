/** S_eIM as an IPAd meets it: it takes whatever comes, and says what it is told (SGP.32 6). */
import type { EsipaListener } from '../ipad-contract.js';
import { CoapListener } from './coap/listener.js';
import { HttpsListener } from './https/listener.js';
import { settingsOf, type EsipaListenerOptions } from './options.js';

export type { EsipaListenerOptions, ListenerLimits } from './options.js';

/**
 * Opens a listener.
 * @throws {TransportError} `communication` when it can not listen there; {Sgp33Error} those of the PKI folder,
 *   `dtls-unavailable`.
 */
export function listenEsipa(options: EsipaListenerOptions): Promise<EsipaListener> {
  const settings = settingsOf(options);
  return settings.transport === 'coap' ? CoapListener.open(settings) : HttpsListener.open(settings);
}
