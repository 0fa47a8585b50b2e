import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BenchDocument } from '@sockflow/benchmark';

import { ROOT_DIR } from '../harness/paths.ts';
import { fillPage } from './fill-page.ts';

/** The run that docs/benchmarks.md tells of. */
const DOCUMENT = join(ROOT_DIR, 'docs/benchmarks.json');
const PAGE = join(ROOT_DIR, 'docs/benchmarks.md');

const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as BenchDocument;
writeFileSync(PAGE, fillPage(readFileSync(PAGE, 'utf8'), document));
