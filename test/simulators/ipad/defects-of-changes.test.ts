import { CHANGE_WALKS } from './walks-of-changes.js';
import { describeWalks } from './walks.js';

describeWalks(CHANGE_WALKS);
