import { versionOf } from './version-of.ts';

/** A peer with an encoding of its own, which it has a process for. */
export interface FormatPeer {
  /** Appended to the id of a case; of the module in formats/ too. */
  readonly name: string;
  /** For people, with the version that is installed. */
  readonly title: string;
  readonly kind: 'peer' | 'naive';
  /** What it reads: several peers may read the same. Missing where it is our slots. */
  readonly encoding: string | undefined;
  /** What it looks at before a field can be read: its rows say so. */
  readonly decodes: string;
}

const WHOLE = 'decodes the whole event first';

function peer(name: string, encoding: string, title: string, decodes: string): FormatPeer {
  return { name, title, kind: 'peer', encoding, decodes };
}

/** All of them, in the order of their rows. */
export function formatPeers(): FormatPeer[] {
  const msgpackr = `msgpackr ${versionOf('msgpackr')}`;
  const protobuf = `@bufbuild/protobuf ${versionOf('@bufbuild/protobuf')}`;
  const arrow = `apache-arrow ${versionOf('apache-arrow')}`;
  const node = `Node.js ${process.version}`;
  return [
    peer(
      'arrow-values',
      'arrow',
      `${arrow}: typed arrays of the columns`,
      'reads columns in place',
    ),
    peer('arrow-get', 'arrow', `${arrow}: vector.get(row)`, 'reads columns in place'),
    peer(
      'msgpackr-records',
      'msgpack-records',
      `${msgpackr}: records, shared structures, unpackMultiple`,
      WHOLE,
    ),
    peer('msgpackr-stream', 'msgpack-stream', `${msgpackr}: UnpackrStream of records`, WHOLE),
    peer('msgpackr-maps', 'msgpack-maps', `${msgpackr}: maps, unpackMultiple`, WHOLE),
    peer('protobuf-peek', 'protobuf', `${protobuf}: sizeDelimitedPeek + fromBinary`, WHOLE),
    peer('protobuf-stream', 'protobuf', `${protobuf}: sizeDelimitedDecodeStream`, WHOLE),
    peer('json-split', 'json-lines', `JSON.parse of split lines, ${node}`, WHOLE),
    peer('json-readline', 'json-lines', `JSON.parse of readline's lines, ${node}`, WHOLE),
    {
      name: 'objects-rxjs',
      title: `our objects, each through RxJS ${versionOf('rxjs')} (naive)`,
      kind: 'naive',
      encoding: undefined,
      decodes: 'makes an object of every event first',
    },
  ];
}
