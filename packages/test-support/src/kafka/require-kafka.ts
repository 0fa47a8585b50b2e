import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { type SkippableTest, skipTest } from '../needs.ts';
import { fetchKafkaJars, kafkaJarsDir } from './kafka-jars.ts';

const OLDEST_JAVA = 17;

/** The major version of the Java on the PATH; `undefined` where there is none. */
function javaVersion(): number | undefined {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  const [, major] = /version "(\d+)/.exec(stderr) ?? [];
  return major === undefined ? undefined : Number(major);
}

/**
 * States that a test needs an Apache Kafka, and has its jars fetched where it is the first.
 *
 * @returns whether one can be started; when not, the test is skipped with the reason.
 */
export function requireKafka(test: SkippableTest): boolean {
  const reason = whatIsMissing();
  if (reason === undefined) return true;
  skipTest(test, reason);
  return false;
}

function whatIsMissing(): string | undefined {
  const java = javaVersion();
  if (java === undefined || java < OLDEST_JAVA) return `needs Java ${OLDEST_JAVA} or newer`;
  if (existsSync(kafkaJarsDir())) return undefined;
  if (spawnSync('mvn', ['-v'], { stdio: 'ignore' }).error !== undefined) {
    return "needs the command 'mvn', to fetch Apache Kafka";
  }
  try {
    fetchKafkaJars();
    return undefined;
  } catch (error) {
    return `needs Apache Kafka's jars: ${String(error)}`;
  }
}
