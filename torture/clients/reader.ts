import { connect } from '../../client/index.js';
import { settings, toldToEnd } from './program.js';
import type { ReaderSettings } from './reader-settings.js';
import { Reading } from './reading.js';

const own = settings() as ReaderSettings;
const end = toldToEnd();
const clients = own.addresses.map((address) => connect({ address }));
const reading = new Reading(clients, own);
await reading.follow(end);
await reading.catchUp();
await Promise.all(clients.map((client) => client.close()));
