import { describeHits } from './hits.ts';
import { onNodeServer, onSrvx } from './support.ts';

describeHits("hits of a fetch handler with the platform's own classes", onNodeServer(false));
describeHits('hits of a fetch handler on srvx', onSrvx);
