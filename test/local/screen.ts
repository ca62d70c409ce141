import type { FinishedDay, FinishedTransaction } from './demo.ts';
import type { Running } from './launch.ts';

/** What a person needs to know once chargers can connect. */
export function readyScreen(running: Running): string {
  const { cluster, postgres, redis } = running;
  const processes = [
    ...cluster.gateways.map(
      ({ id, pid, ocppUrl, apiUrl, opsUrl }) => `${id} (pid ${pid}, ${ocppUrl}, ${apiUrl}, probes ${opsUrl})`,
    ),
    ...cluster.workers.map(({ id, pid, opsUrl }) => `${id} (pid ${pid}, probes ${opsUrl})`),
  ];
  return table([
    ['', `Voltgate runs (${running.mode}). Ctrl-C stops it.`],
    ['', ''],
    ['Chargers', `${running.ocppUrl}/<charge point id>`],
    ['API', running.apiUrl],
    ['API docs', running.docsUrl],
    ['API key', cluster.apiKey],
    ...processes.map((text, index) => [index === 0 ? 'Processes' : '', text] as const),
    ['Postgres', withPid(postgres.where, postgres.pid)],
    ['Redis', redis ? withPid(redis.where, redis.pid) : 'none: everything is in one process'],
    ['Logs', running.logFolder],
  ]);
}

/** The proof that energy arrives whole: what the API says beside what the charger says. */
export function transactionScreen(transaction: FinishedTransaction): string {
  const { transactionId, chargePointId, apiEnergyWh, chargerEnergyWh, same } = transaction;
  const verdict = same ? 'the same' : 'NOT THE SAME';
  return table([
    ['First', `transaction ${transactionId} of ${chargePointId} is finished`],
    ['', `${kWh(apiEnergyWh)} says the API, ${kWh(chargerEnergyWh)} says the charger: ${verdict}`],
  ]);
}

/** The same proof for everything the demonstration did. */
export function dayScreen({ chargers, transactions, apiEnergyWh, chargerEnergyWh, different }: FinishedDay): string {
  const verdict = different === 0 ? 'all the same' : `${different} NOT THE SAME`;
  return table([
    ['Day', `${transactions} transactions of ${chargers} chargers`],
    ['', `${kWh(apiEnergyWh)} says the API, ${kWh(chargerEnergyWh)} say the chargers: ${verdict}`],
  ]);
}

function table(rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([name, text]) => `  ${name.padEnd(10)}${text}`.trimEnd());
  return `\n${lines.join('\n')}\n`;
}

function kWh(energyWh: number | null): string {
  return energyWh === null ? 'nothing' : `${(energyWh / 1000).toFixed(3)} kWh`;
}

function withPid(text: string, pid: number | undefined): string {
  return pid === undefined ? text : `${text} (pid ${pid})`;
}
