import { COAP_WALKS } from './walks-of-coap.js';
import { describeWalks } from './walks.js';

describeWalks(COAP_WALKS);
