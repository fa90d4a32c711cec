import { SERVER_WALKS } from './walks-of-servers.js';
import { describeWalks } from './walks.js';

describeWalks(SERVER_WALKS);
