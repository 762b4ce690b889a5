import { describePeer } from '@lanecast/server/outputs/webrtc/testing/peer-contract';
import { LibdatachannelPeer } from './libdatachannel-peer.js';

describePeer('libdatachannel', (options, events) => new LibdatachannelPeer(options, events));
