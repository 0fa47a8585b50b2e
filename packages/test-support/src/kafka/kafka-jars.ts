import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const POM = fileURLToPath(new URL('../../kafka/pom.xml', import.meta.url));
const CACHE_DIR = fileURLToPath(new URL('../../../../.cache/', import.meta.url));
const FETCH_TIMEOUT_MS = 10 * 60 * 1000;

/** Where the broker says how to log. */
export const LOG_CONFIG: string = fileURLToPath(new URL('../../kafka/log4j2.xml', import.meta.url));

/** The folder of Kafka's jars, of those that the pom names; whether they are there already is another matter. */
export function kafkaJarsDir(): string {
  const digest = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  return join(CACHE_DIR, `kafka-${digest}`);
}

/**
 * Fetches the jars with Maven, unless they are there. Several processes may do so at once: the first to be ready wins.
 *
 * @returns the folder with them.
 * @throws Error with what Maven said.
 */
export function fetchKafkaJars(): string {
  const dir = kafkaJarsDir();
  if (existsSync(dir)) return dir;
  mkdirSync(dirname(dir), { recursive: true });
  const fresh = mkdtempSync(`${dir}-`);
  const { error, status, stdout, stderr } = spawnSync(
    'mvn',
    ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${fresh}`],
    { encoding: 'utf8', timeout: FETCH_TIMEOUT_MS },
  );
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`mvn could not fetch Kafka: ${error?.message ?? `${stdout}${stderr}`}`);
  }
  try {
    renameSync(fresh, dir);
  } catch (renameError) {
    rmSync(fresh, { recursive: true, force: true });
    // Another process was first.
    if (!existsSync(dir)) throw renameError;
  }
  return dir;
}
