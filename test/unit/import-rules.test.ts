import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importFaults, parseSource, readImports } from '../import-rules.ts';
import { projectFolder } from '../support/project.ts';

test('the sources keep the import rules', async () => {
  const sources = await readImports(projectFolder);
  assert.ok(sources.length > 10, 'the sources were found');
  assert.deepEqual(importFaults(sources), []);
});

const planted: readonly (readonly [file: string, text: string, fault: RegExp])[] = [
  ['shared/src/ocpp16/x.ts', "import { readFile } from 'node:fs';", /ocpp16 imports only/],
  ['shared/src/ocpp16/x.ts', "import { JobsUnavailable } from '../ports.ts';", /ocpp16 imports only/],
  ['shared/src/ports.ts', "import { x } from './config.ts';", /ports\.ts imports only/],
  ['gateway/src/gateway.ts', "import { Redis } from 'ioredis';", /ioredis and bullmq/],
  ['worker/src/worker.ts', "import type { Job } from 'bullmq';", /ioredis and bullmq/],
  ['worker/src/worker.ts', "import { sql } from 'drizzle-orm/pg-core';", /drizzle and postgres/],
  ['gateway/src/connection.ts', "import uws from 'uWebSockets.js';", /uWebSockets\.js only/],
  ['shared/src/tracing.ts', "import { trace } from '@opentelemetry/api';", /OpenTelemetry only/],
  ['gateway/src/gateway.ts', "import { createTracer } from '@voltgate/shared/opentelemetry.ts';", /OpenTelemetry only/],
  ['gateway/src/gateway.ts', "import './main.ts';", /nobody imports an entry/],
  ['gateway/src/gateway.ts', "import { createRedisBus } from '@voltgate/shared/redis/bus.ts';", /choose adapters/],
  ['gateway/src/connection.ts', "import { db } from '@voltgate/shared/store/postgres.ts';", /no database/],
  ['gateway/src/connection.ts', "const x = await import('@voltgate/shared/store/postgres.ts');", /no database/],
  ['shared/src/log.ts', "import { x } from '@voltgate/gateway/gateway.ts';", /neither gateway nor worker/],
  ['worker/src/worker.ts', 'const url = process.env.DATABASE_URL;', /reads process\.env/],
  ['shared/src/a.ts', "import {\n  a,\n} from './a.ts';", /cycle: shared\/src\/a\.ts -> shared\/src\/a\.ts/],
];

for (const [file, text, fault] of planted) {
  test(`a planted fault in ${file} is found: ${text.replaceAll('\n', ' ')}`, () => {
    const faults = importFaults([parseSource(file, text)]);
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0] ?? '', fault);
  });
}

test('what is allowed is not reported', () => {
  const sources = [
    parseSource(
      'shared/src/ocpp16/x.ts',
      "import { Type } from '@sinclair/typebox';\nimport type { Store } from '../ports.ts';",
    ),
    parseSource('shared/src/redis/bus.ts', "import { Redis } from 'ioredis'; // process.env\n// import './main.ts'"),
    parseSource('gateway/src/main.ts', "import { createBus } from '@voltgate/shared/redis/bus.ts';"),
    parseSource('gateway/src/api/x.ts', "import { read } from '@voltgate/shared/store/read.ts';"),
    parseSource('shared/src/config.ts', 'const a = process.env;'),
  ];
  assert.deepEqual(importFaults(sources), []);
});

test('a cycle over three files is reported once', () => {
  const sources = [
    parseSource('shared/src/a.ts', "import { b } from './b.ts';"),
    parseSource('shared/src/b.ts', "export { c } from './c.ts';"),
    parseSource('shared/src/c.ts', "import { a } from './a.ts';"),
  ];
  assert.equal(importFaults(sources).length, 1);
});
