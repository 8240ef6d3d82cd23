import type * as Build from '../../src/catalog/build.ts';
import type * as Work from '../../src/common/work.ts';
import type * as Limits from '../../src/config/limits.ts';
import type * as Decode from '../../src/decode/decode.ts';
import type * as Apply from '../../src/ingest/apply.ts';
import type * as BatchDecoder from '../../src/ingest/batch-decoder.ts';
import type * as DecodedSource from '../../src/ingest/decoded-source.ts';
import type * as Ingest from '../../src/ingest/ingest.ts';
import type * as StartDecoding from '../../src/ingest/start-decoding.ts';
import type * as Gateway from '../../src/gateway.ts';
import type * as CreateHub from '../../src/live/hub.ts';
import type * as Position from '../../src/model/position.ts';
import type * as Engine from '../../src/query/engine.ts';
import type * as KafkaProducer from '../../src/source/kafka-producer.ts';
import type * as Lmdb from '../../src/store/lmdb.ts';
import type * as OpenStore from '../../src/store/open-store.ts';

interface Modules {
  'catalog/build': typeof Build;
  'common/work': typeof Work;
  'config/limits': typeof Limits;
  'decode/decode': typeof Decode;
  gateway: typeof Gateway;
  'ingest/apply': typeof Apply;
  'ingest/batch-decoder': typeof BatchDecoder;
  'ingest/decoded-source': typeof DecodedSource;
  'ingest/ingest': typeof Ingest;
  'ingest/start-decoding': typeof StartDecoding;
  'live/hub': typeof CreateHub;
  'model/position': typeof Position;
  'query/engine': typeof Engine;
  'source/kafka-producer': typeof KafkaProducer;
  'store/lmdb': typeof Lmdb;
  'store/open-store': typeof OpenStore;
}

/**
 * A module as it ships; `npm run bench` builds first. What tsx makes of the sources for itself is slower: it names every
 * closure when it is created.
 */
export async function built<Name extends keyof Modules>(name: Name): Promise<Modules[Name]> {
  return (await import(new URL(`../../dist/${name}.js`, import.meta.url).href)) as Modules[Name];
}
