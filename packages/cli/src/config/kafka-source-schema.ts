import * as v from 'valibot';

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const texts = v.union([v.string(), v.array(v.string())]);

/** A key that may be left out, with its text for the reference page. */
function key(schema: v.GenericSchema, text: string): v.GenericSchema {
  return v.optional(v.pipe(schema, v.description(text)));
}

/** A key that must be there. */
function requiredKey(schema: v.GenericSchema, text: string): v.GenericSchema {
  return v.pipe(schema, v.description(text));
}

/** What a config file says of a Kafka topic as its source; how brokers are reached is said as in the sink's URL. */
export const KAFKA_SOURCE_SCHEMA: v.GenericSchema = v.strictObject({
  brokers: requiredKey(texts, 'host:port of one or some brokers: localhost:9092'),
  topic: requiredKey(texts, 'the topic, or several, that a Kafka sink wrote events to'),
  group: requiredKey(
    v.string(),
    'the consumer group: its members share the partitions, and it keeps how far they have come',
  ),
  from: key(
    v.string(),
    'where a group begins that has committed nothing yet: earliest (where not given) or latest',
  ),
  until: key(
    v.string(),
    'now: the run ends at the end that each partition had when it began; without it the run goes on',
  ),
  'commit-every': key(scalar, 'how often acknowledged events are committed, at most: 1s'),
  'session-timeout': key(
    scalar,
    'after so long without a sign of life brokers give the partitions to others: 45s',
  ),
  'unreachable-after': key(scalar, 'how long brokers may stay away before the run fails: 2min'),
  prefetch: key(scalar, 'how much all lanes together fetch ahead: 32MiB'),
  'instance-id': key(
    v.string(),
    'a name that no other process of the group has, and that this one has again after a restart: then it has its partitions back without a rebalance',
  ),
  'client-id': key(v.string(), 'what the brokers’ logs call this client: sockflow'),
  'dead-letter-topic': key(
    v.string(),
    'a topic that gets records that are no events, as they were, and in headers where they lay and why; without it the run fails at the first one',
  ),
  'dead-letter-unknown-schemas': key(
    scalar,
    'whether records of a schema that this version does not know go there too; false where not given: the run fails there',
  ),
  tls: key(scalar, 'TLS: true or false; true where one of the next four is given'),
  'tls-ca': key(v.string(), 'certificates to trust, PEM; those that Node trusts where not given'),
  'tls-cert': key(v.string(), 'certificate of this client, PEM, where brokers ask for one'),
  'tls-key': key(v.string(), 'its key, PEM'),
  'tls-server-name': key(
    v.string(),
    'the name that the brokers’ certificates are for, where it is not the name they are reached by',
  ),
  sasl: key(v.string(), 'SASL: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512'),
  user: key(v.string(), 'who this client is to the brokers'),
  'password-file': key(v.string(), 'a file that holds the password'),
  'password-env': key(v.string(), 'the environment variable that holds the password'),
});
