import { connect } from '../../../client/index.js';
import { settings, toldToEnd } from './program.js';
import type { ReaderSettings } from './reader-settings.js';
import { Reading } from './reading.js';

const own = settings() as ReaderSettings;
const end = toldToEnd();
const client = connect({ address: own.address });
const reading = new Reading(client, own);
await reading.follow(end);
await reading.catchUp();
await client.close();
