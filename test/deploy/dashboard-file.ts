import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../support/project.ts';

/** A panel of the dashboard, as far as the checks look at it. */
export type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
};

/** The dashboard, as Grafana reads it. */
export type Dashboard = {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: string | { readonly query: string };
    }[];
  };
  readonly panels: readonly Panel[];
};

/** Reads the dashboard that chart and compose file use. */
export async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(await readFile(join(projectFolder, 'helm', 'files', 'dashboard.json'), 'utf8')) as Dashboard;
}

/** Every query of the dashboard, with Grafana's variables filled in as it would. */
export function queriesOf({ panels }: Dashboard): readonly { readonly panel: string; readonly expression: string }[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:namespace|instance)/g, '.*'),
    })),
  );
}
