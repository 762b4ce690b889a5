import { describePeer } from './testing/peer-contract.js';
import { WeriftPeer } from './werift-peer.js';

describePeer('werift', (options, events) => new WeriftPeer(options, events));
