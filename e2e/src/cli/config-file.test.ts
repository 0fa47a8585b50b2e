import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from './link-sockflow.ts';
import { assertRefused, REAL_RECORDING, sockflow, sockflowOk } from './sockflow-command.ts';

const MODULE = `import { definePipeline, emit, filterOp, Op, replay } from 'sockflow';
import { tap } from 'rxjs';

export default definePipeline((params) => ({
  source: replay(params.recording),
  events: (batches) =>
    batches.pipe(
      filterOp(Op.RTT_CB),
      tap((batch) => batch.forEach((event) => event.mrttUs >= params.minUs && emit({ minUs: params.minUs }))),
    ),
  sinks: [],
}));
`;

function write(t: TestContext, files: Readonly<Record<string, string>>): string {
  const dir = useTempDir(t);
  linkSockflow(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

const AGENT = `source:
  replay:
    paths: \${REC}
filters:
  op: [RETRANS_CB, RTO_CB]
sinks:
  - file:\${OUT:-losses}.ndjson
lanes: 2
`;

test('a config file without a module gives the events that replay gives with the same options', (t) => {
  const cwd = write(t, { 'agent.yaml': AGENT });
  sockflowOk(['run', '-c', 'agent.yaml'], { cwd, env: { REC: REAL_RECORDING } });
  const what = ['--op', 'RETRANS_CB,RTO_CB', '--lanes', '2', '--sink', 'file:same.ndjson'];
  sockflowOk(['replay', REAL_RECORDING, ...what], { cwd });
  for (const lane of [0, 1]) {
    const ours = readFileSync(join(cwd, `losses.${lane}.ndjson`), 'utf8');
    assert.ok(ours.length > 0);
    assert.equal(ours, readFileSync(join(cwd, `same.${lane}.ndjson`), 'utf8'));
  }
});

test('the command line goes before the file, and JSON is YAML', (t) => {
  const config = JSON.stringify({
    pipeline: './module.mjs',
    params: { recording: REAL_RECORDING, minUs: 1_000_000_000 },
    lanes: 3,
  });
  const cwd = write(t, { 'config.json': config, 'module.mjs': MODULE });
  const fromFile = JSON.parse(sockflowOk(['run', '-c', 'config.json', '--json'], { cwd }).stdout);
  assert.deepEqual([fromFile.lanes, fromFile.results.length], [3, 0]);
  const args = ['run', '-c', 'config.json', '--json', '--lanes', '1', '--param', 'minUs=100000'];
  const overridden = JSON.parse(sockflowOk(args, { cwd }).stdout);
  assert.equal(overridden.lanes, 1);
  assert.ok(overridden.results.length > 0);
  assert.equal(overridden.results[0].minUs, '100000');
});

test('log-level quiet leaves stderr empty, and --verbose goes before it', (t) => {
  const cwd = write(t, { 'agent.yaml': `${AGENT}log-level: quiet\n` });
  const env = { REC: REAL_RECORDING };
  assert.equal(sockflowOk(['run', '-c', 'agent.yaml'], { cwd, env }).stderr, '');
  assert.notEqual(sockflowOk(['run', '-c', 'agent.yaml', '--verbose'], { cwd, env }).stderr, '');
});

const WRONG = `sourse: 3
source:
  bpf:
    ring-size: 3parsec
    rtt: fold
    cgroop: /x
filters:
  op: [RTT_CBX]
  port: 99999
sinks:
  - file:\${NOBODY_HAS_THIS}.ndjson
lanes: 0
duration: -3
log-level: loud
`;

test('validate and run name every error of a config file, each with its line', (t) => {
  const cwd = write(t, { 'wrong.yaml': WRONG });
  for (const command of ['validate', 'run']) {
    const { status, stderr } = sockflow([command, '-c', 'wrong.yaml'], { cwd });
    assert.equal(status, 2, stderr);
    const places = [...stderr.matchAll(/place {2}wrong\.yaml:(\d+):\d+ ?(\S*)/g)].map(
      ([, line, path]) => `${line} ${path}`,
    );
    assert.deepEqual(
      new Set(places),
      new Set([
        '1 sourse',
        '4 source.bpf.ring-size',
        '5 source.bpf.rtt',
        '6 source.bpf.cgroop',
        '8 filters.op',
        '9 filters.port',
        '11 ',
        '12 lanes',
        '13 duration',
        '14 log-level',
      ]),
    );
    assert.match(stderr, /'sourse' is no key here; did you mean source\?/);
    assert.match(stderr, /'cgroop' is no key here; did you mean cgroup\?/);
    assert.match(stderr, /no variable NOBODY_HAS_THIS/);
  }
});

const WRONG_TOPIC = `source:
  kafka:
    brokers: localhost:9092
    topic: events
    grup: me
    until: tomorrow
    commit-every: soon
    prefetch: 3parsec
    dead-letter-unknown-schemas: maybe
    tls: perhaps
    user: me
filters:
  from: 10s
sinks: ["console:"]
`;

test('validate names every error of a Kafka source, and connects to nothing', (t) => {
  const right = `source:
  kafka:
    brokers: [nowhere.invalid:9092]
    topic: [a, b]
    group: me
    from: latest
    dead-letter-topic: dead
    dead-letter-unknown-schemas: true
    tls-server-name: kafka
    sasl: PLAIN
    user: me
    password-env: NOT_SET_HERE
sinks: ["console:"]
`;
  const cwd = write(t, {
    'wrong.yaml': WRONG_TOPIC,
    'right.yaml': right,
    'until.yaml': right.replace('from: latest', 'until: tomorrow'),
  });
  sockflowOk(['validate', '-c', 'right.yaml'], { cwd });
  const { status, stderr } = sockflow(['validate', '-c', 'wrong.yaml'], { cwd });
  assert.equal(status, 2, stderr);
  const places = [...stderr.matchAll(/place {2}wrong\.yaml:\d+:\d+ ?(\S*)/g)].map(
    ([, path]) => path ?? '',
  );
  assert.deepEqual(
    places.toSorted((a, b) => a.localeCompare(b)),
    [
      'filters.from',
      'source.kafka.commit-every',
      'source.kafka.dead-letter-unknown-schemas',
      'source.kafka.dead-letter-unknown-schemas',
      'source.kafka.group',
      'source.kafka.grup',
      'source.kafka.prefetch',
      'source.kafka.tls',
      'source.kafka.user',
    ],
    stderr,
  );
  assertRefused(sockflow(['validate', '-c', 'until.yaml'], { cwd }), {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    message: /until/,
    place: /until\.yaml:\d+:\d+ source\.kafka/,
    remedy: /now/,
  });
});

test('validate checks sinks and filters against each other without opening anything', (t) => {
  const config = `source: {replay: {paths: not-there.sfrec}}
filters: {from: 10s, to: 5s}
sinks:
  - file:a.ndjson?encoding=nope
  - nosuch:x
`;
  const cwd = write(t, {
    'wrong.yaml': config,
    'right.yaml': 'source: {replay: {paths: not-there.sfrec}}\nsinks: ["file:new/a.ndjson"]\n',
  });
  const { status, stdout } = sockflow(['validate', '-c', 'wrong.yaml', '--json'], { cwd });
  const { isValid, checked } = JSON.parse(stdout) as {
    isValid: boolean;
    checked: { errors: { place: string; code: string }[] }[];
  };
  assert.deepEqual([status, isValid], [2, false]);
  assert.deepEqual(
    checked[0]?.errors.map(({ place }) => place),
    ['wrong.yaml:4:5 sinks[0]', 'wrong.yaml:5:5 sinks[1]', 'wrong.yaml:2:1 filters'],
  );
  sockflowOk(['validate', '-c', 'right.yaml'], { cwd });
});

test('validate tells of sinks whatever else is wrong, and of two that write to the same place', (t) => {
  const sinks = `sinks:
  - file:a.ndjson
  - nosuch:x
  - file:./a.ndjson
`;
  const twice = `import { definePipeline, file, replay } from 'sockflow';
export default definePipeline({ source: replay('x.sfrec'), events: (b) => b, sinks: [file('a.ndjson'), file('a.ndjson')] });
`;
  const cwd = write(t, {
    'values.yaml': `source: {replay: {paths: x.sfrec}}\nlanes: 0\nsourse: 3\n${sinks}`,
    'filters.yaml': `source: {replay: {paths: x.sfrec}}\nfilters: {from: 10s, to: 5s}\n\n${sinks}`,
    'twice.mjs': twice,
  });
  for (const name of ['values', 'filters']) {
    const { status, stderr } = sockflow(['validate', '-c', `${name}.yaml`], { cwd });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /place {2}\w+\.yaml:6:5 sinks\[1\]/);
    assert.match(stderr, /same place as sinks\[0\]\n {2}place {2}\w+\.yaml:7:5 sinks\[2\]/);
    assert.match(stderr, name === 'values' ? /'sourse' is no key/ : /place .* filters/);
  }
  assertRefused(sockflow(['validate', 'twice.mjs'], { cwd }), {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /./,
    remedy: /a name of its own/,
  });
});

test('a parameter that nobody gave is named as one', (t) => {
  const source = `import { definePipeline, file, replay } from 'sockflow';
export default definePipeline((p) => ({ source: replay(p.rec), events: (b) => b, sinks: [file(p.out)] }));
`;
  const cwd = write(t, { 'param.mjs': source });
  for (const given of [[], ['--param', `rec=${REAL_RECORDING}`]]) {
    assertRefused(sockflow(['run', 'param.mjs', ...given], { cwd }), {
      status: 2,
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      place: /./,
      remedy: /--param NAME=/,
    });
  }
});

test('validate loads modules, and says of each what is wrong', (t) => {
  const cwd = write(t, {
    'good.mjs': MODULE,
    'bad.mjs': 'import "./nothing.mjs";\n',
    'none.mjs': 'export default 5;\n',
    'config.yaml': 'pipeline: bad.mjs\n',
  });
  sockflowOk(['validate', 'good.mjs', '--param', `recording=${REAL_RECORDING}`], { cwd });
  const { status, stderr } = sockflow(['validate', 'bad.mjs', 'none.mjs', 'missing.mjs'], { cwd });
  assert.equal(status, 2);
  assert.equal(stderr.split('\n').filter((line) => line.startsWith('error ')).length, 3, stderr);
  assert.equal(sockflow(['validate', '-c', 'config.yaml'], { cwd }).status, 2);
});

test('a secret that the environment put in is printed nowhere', (t) => {
  const secret = 'hunter2-hunter2';
  const cwd = write(t, {
    'secret.yaml': `source: {replay: {paths: "${REAL_RECORDING}"}}\nsinks: ["file:\${SECRET}.ndjson?encoding=\${SECRET}"]\n`,
    'agent.yaml': AGENT,
    'dollar.yaml': `source: {replay: {paths: "${REAL_RECORDING}"}}\nsinks: ["file:$\${SECRET}.ndjson"]\n`,
    'value.yaml': `source: {replay: {paths: "${REAL_RECORDING}"}}\nlanes: \${SECRET}\nsinks: ["file:\${SECRET}.ndjson"]\n`,
    'written.yaml': `source: {replay: {paths: "${REAL_RECORDING}"}}\nsinks: ["file:\${SECRET}.ndjson"]\n`,
  });
  const env = { SECRET: secret };
  for (const [name, status] of [
    ['secret', 2],
    ['value', 2],
    ['written', 0],
  ] as const) {
    for (const more of [[], ['--verbose'], ['--json']]) {
      const ended = sockflow(['run', '-c', `${name}.yaml`, ...more], { cwd, env });
      assert.equal(ended.status, status, ended.stderr);
      assert.ok(!`${ended.stdout}${ended.stderr}`.includes(secret), ended.stderr);
    }
  }
  assert.match(sockflow(['run', '-c', 'value.yaml'], { cwd, env }).stderr, /got '\$\{SECRET\}'/);
  assert.match(
    sockflow(['run', '-c', 'agent.yaml'], { cwd, env: { REC: '/nowhere/at-all.sfrec' } }).stderr,
    /no recording at '\/nowhere\/at-all\.sfrec'/,
  );
  sockflowOk(['run', '-c', 'dollar.yaml'], { cwd, env });
  assert.ok(readFileSync(join(cwd, '${SECRET}.ndjson'), 'utf8').length > 0);
});

test('what does not go together is refused', (t) => {
  const cwd = write(t, {
    'both.yaml': 'pipeline: a.mjs\nsinks: ["console:"]\n',
    'two.yaml': 'source: {replay: {paths: a}, bpf: {}}\nsinks: ["console:"]\n',
    'nothing.yaml': '{}\n',
    'sinkless.yaml': 'source: {bpf: }\n',
    'torn.yaml': 'source: [1\nb: c: d\n',
    'agent.yaml': AGENT,
  });
  const says: Readonly<Record<string, RegExp>> = {
    both: /a pipeline module has its own sinks/,
    two: /one of replay, bpf and kafka, found replay and bpf/,
    nothing: /nothing says what to run/,
    sinkless: /nothing says where events go/,
    torn: /no YAML/,
  };
  for (const [name, message] of Object.entries(says)) {
    const { status, stderr } = sockflow(['run', '-c', `${name}.yaml`], { cwd });
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
  assertRefused(sockflow(['run', 'a.mjs', '-c', 'agent.yaml'], { cwd, env: { REC: 'x' } }), {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /agent\.yaml/,
    remedy: /Leave the module/,
  });
  assertRefused(sockflow(['run'], { cwd }), {
    status: 2,
    code: 'ERR_SOCKFLOW_USAGE',
    place: /sockflow run/,
    remedy: /-c agent\.yaml/,
  });
  assertRefused(sockflow(['run', '-c', 'not-there.yaml'], { cwd }), {
    status: 2,
    code: 'ERR_SOCKFLOW_INPUT_FILE',
    place: /not-there\.yaml/,
    remedy: /Check the path/,
  });
});
