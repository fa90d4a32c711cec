import { INJECTION_WALKS } from './walks-of-injection.js';
import { describeWalks } from './walks.js';

describeWalks(INJECTION_WALKS);
