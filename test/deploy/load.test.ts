import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import postgres from 'postgres';
import { undoAfter } from '../support/cleanup.ts';
import { until } from '../support/until.ts';
import { type Front, openFront } from './cluster-behind-haproxy.ts';
import { haproxyMissing } from './haproxy.ts';
import { findK6, type K6Result, startK6 } from './k6.ts';

/** Load for real takes its time; LOAD_SECONDS makes it shorter for a trial. */
const SECONDS = Number(process.env.LOAD_SECONDS ?? 120);
const CHARGERS = Number(process.env.LOAD_CHARGERS ?? 200);
const skip = await missing();

type Script = { readonly script: string; readonly env: Readonly<Record<string, string>> };

async function missing(): Promise<string | false> {
  const k6 = (await findK6()) === undefined ? 'k6 is missing: tools/install' : undefined;
  return [k6, await haproxyMissing()].filter(Boolean).join('; ') || false;
}

/** A store that alters samples of charger 0, loses those of 1, adds 7 Wh for 2, takes 5 from 3, doubles starts of 4 and forgets stops of 5. */
const SABOTAGE = `
create function sabotage_sample() returns trigger language plpgsql as $$ begin
  if new.charge_point_id like '%-1' then return null; end if;
  if new.charge_point_id like '%-0' then new.value = new.value + 1; end if;
  return new;
end $$;
create trigger sabotage before insert on meter_value for each row execute function sabotage_sample();
create function sabotage_stop() returns trigger language plpgsql as $$ begin
  if new.status <> 'stopped' or old.status = 'stopped' then return new; end if;
  if new.charge_point_id like '%-5' then return null; end if;
  if new.charge_point_id like '%-2' then new.energy_wh = new.energy_wh + 7; end if;
  if new.charge_point_id like '%-3' then new.energy_wh = new.energy_wh - 5; end if;
  return new;
end $$;
create trigger sabotage_stop before update on transaction for each row execute function sabotage_stop();
create function sabotage_start() returns trigger language plpgsql as $$ begin
  if new.charge_point_id like '%-4' and pg_trigger_depth() = 1 then
    new.id = nextval('transaction_id');
    new.started_at = new.started_at - interval '1 hour';
    insert into transaction select new.*;
  end if;
  return null;
end $$;
create trigger sabotage_start after insert on transaction for each row execute function sabotage_start();`;

/** Starts a script against the cluster, through HAProxy and TLS, with settings that suit a short run. */
async function load(
  t: TestContext,
  { cluster, haproxy }: Front,
  script: string,
  env: Readonly<Record<string, string>>,
) {
  const run = await startK6(script, {
    OCPP_URL: haproxy.ocppUrl,
    API_URL: haproxy.apiUrl,
    API_KEY: cluster.apiKey,
    INSECURE_TLS: 'true',
    CHARGERS: String(CHARGERS),
    RECONNECT_MIN_MS: '200',
    RECONNECT_MAX_MS: '2000',
    RETRY_MS: '500',
    SESSION_SECONDS: '15',
    METER_INTERVAL_SECONDS: '2',
    HEARTBEAT_SECONDS: '5',
    // The machine is small and does other things meanwhile: what is exact is judged here, not what is fast.
    ANSWER_P95_MS: '5000',
    ...env,
  });
  undoAfter(t, () => run.stop());
  return run;
}

/** Every threshold held, and something was compared; says in figures what happened. */
function assertPassed(t: TestContext, script: string, result: K6Result): void {
  assert.equal(result.code, 0, `${script} failed:\n${result.output}`);
  const { value } = result;
  assert.ok(value('reconciled_transactions') > 0, 'nothing was compared');
  const p = (action: string, at: string) => value(`ocpp_call_duration{action:${action}}`, at).toFixed(0);
  t.diagnostic(
    `${script}: ${value('reconciled_chargers')} chargers, ${value('reconciled_transactions')} transactions, ` +
      `${value('reconciled_energy_wh')} Wh, ${value('reconciled_samples')} samples compared, 0 lost, 0 duplicated; ` +
      `MeterValues p50 ${p('MeterValues', 'med')} ms, p99 ${p('MeterValues', 'p(99)')} ms; ` +
      `StartTransaction p50 ${p('StartTransaction', 'med')} ms, p99 ${p('StartTransaction', 'p(99)')} ms; ` +
      `${value('ocpp_retries')} messages sent again, ${value('ocpp_refused_connects')} handshakes refused; ` +
      `connected p50 ${value('ocpp_connect_duration', 'med').toFixed(0)} ms, p99 ${value('ocpp_connect_duration', 'p(99)').toFixed(0)} ms`,
  );
}

test('k6 finds everything it was told: smoke, steady state and reconnect storm through HAProxy over WSS', {
  skip,
  timeout: 900_000,
}, async (t) => {
  const front = await openFront(t, { workers: 2 });
  const runs: readonly Script[] = [
    { script: 'smoke', env: { CHARGERS: '5', METER_INTERVAL_SECONDS: '1' } },
    { script: 'steady-state', env: { DURATION_SECONDS: String(SECONDS) } },
    { script: 'reconnect-storm', env: { STORMS: '3', STORM_EVERY_SECONDS: '15' } },
  ];
  for (const { script, env } of runs) assertPassed(t, script, await (await load(t, front, script, env)).result);
});

test('every other k6 script passes in a short run', { skip, timeout: 900_000 }, async (t) => {
  const front = await openFront(t, { workers: 2 });
  const short = { CHARGERS: '60', DURATION_SECONDS: '12', SESSION_SECONDS: '4' };
  const runs: readonly Script[] = [
    { script: 'connect-ramp', env: { ...short, CONNECT_RATE: '20', CONNECT_P95_MS: '10000' } },
    { script: 'transaction-day', env: { ...short, SESSIONS: '2', PAUSE_SECONDS: '1', OFFLINE_SHARE: '0.5' } },
    { script: 'command-fan-out', env: { ...short, COMMAND_EVERY_SECONDS: '1', COMMAND_P95_MS: '5000' } },
    { script: 'slow-readers', env: { ...short, SLOW_SECONDS: '6', COMMAND_P95_MS: '5000' } },
    { script: 'soak', env: { ...short, COMPARE_EVERY_SECONDS: '4' } },
  ];
  for (const { script, env } of runs) {
    const result = await (await load(t, front, script, env)).result;
    if (script === 'connect-ramp') assert.equal(result.code, 0, result.output);
    else assertPassed(t, script, result);
  }
});

test('a rolling restart of all gateways behind HAProxy under k6 load loses nothing', {
  skip,
  timeout: 900_000,
}, async (t) => {
  const front = await openFront(t, { workers: 2, env: { DRAIN_DELAY_MS: '3000', DRAIN_RATE: '50' } });
  const { cluster, haproxy } = front;
  // Longer than the restart takes, also where processes start slowly.
  const seconds = SECONDS + 60;
  const run = await load(t, front, 'rolling-deploy', { DURATION_SECONDS: String(seconds), CONNECT_RATE: '100' });
  const connected = async () => {
    const response = await fetch(`${cluster.gateways[0]?.apiUrl}/api/v1/charge-points?online=true&limit=500`, {
      headers: { 'x-api-key': cluster.apiKey },
    });
    return ((await response.json()) as { readonly items: readonly unknown[] }).items.length;
  };
  await until(async () => (await connected()) === CHARGERS, { withinMs: 60_000, everyMs: 500 });
  const startedAtMs = performance.now();
  for (const gateway of cluster.gateways) {
    assert.equal((await gateway.stop()).code, 0);
    await gateway.restart();
    // The next one goes only when HAProxy sends chargers to this one again: how Kubernetes waits for readiness.
    await until(async () => (await haproxy.states())[gateway.id] === 'UP', { withinMs: 60_000, everyMs: 100 });
  }
  const took = (performance.now() - startedAtMs) / 1_000;
  const result = await run.result;
  assertPassed(t, 'rolling-deploy', result);
  const closed = result.value('ocpp_expected_closes{code:1001}');
  assert.ok(closed >= CHARGERS, `only ${closed} connections were closed by a stopping gateway`);
  const offline = (at: string) => result.value('ocpp_offline_duration', at).toFixed(0);
  t.diagnostic(
    `three gateways replaced in ${took.toFixed(1)} s; ${(closed / CHARGERS).toFixed(2)} reconnects per charger; ` +
      `without a connection p50 ${offline('med')} ms, p99 ${offline('p(99)')} ms, at most ${offline('max')} ms`,
  );
});

test('a store that loses, adds and doubles is found out, and k6 fails', { skip, timeout: 300_000 }, async (t) => {
  const front = await openFront(t, { workers: 2 });
  const sql = postgres(front.services.postgres.url, { max: 1, onnotice: () => undefined });
  undoAfter(t, () => sql.end());
  await sql.unsafe(SABOTAGE);
  const seconds = { DURATION_SECONDS: '6', SESSION_SECONDS: '60', METER_INTERVAL_SECONDS: '1', SETTLE_SECONDS: '2' };
  const { code, value, output } = await (await load(t, front, 'steady-state', { ...seconds, CHARGERS: '6' })).result;
  assert.equal(code, 99, output);
  assert.equal(value('reconciled_chargers'), 6, output);
  assert.ok(value('lost_samples') > 0 && value('lost_samples') < value('reconciled_samples'), output);
  // What charger 0 never measured.
  assert.ok(value('duplicated_samples') > 0 && value('duplicated_samples') < value('lost_samples'), output);
  assert.equal(value('duplicated_energy_wh'), 7, output);
  // And all the energy of the transaction that was never stopped.
  assert.ok(value('lost_energy_wh') > 5, output);
  assert.deepEqual([value('duplicated_transactions'), value('lost_transactions')], [1, 1], output);
});
