import { PACKAGE_WALKS } from './walks-of-packages.js';
import { describeWalks } from './walks.js';

describeWalks(PACKAGE_WALKS);
