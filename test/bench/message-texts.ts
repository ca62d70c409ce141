/** Frames as chargers send them; `count` makes each one new. */
export type Frame = (id: string, connection: number, count: number) => string;

export const heartbeat: Frame = (id) => `[2,"${id}","Heartbeat",{}]`;

const BEGIN_MS = Date.now() - 3_600_000;

/** Three samples, as most chargers send them once a minute. */
export const meterValues: Frame = (id, connection, count) => {
  const timestamp = new Date(BEGIN_MS + count * 1_000).toISOString();
  const wh = 1_000 + count * 3 + connection;
  return `[2,"${id}","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"${timestamp}","sampledValue":[{"value":"${wh}","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"},{"value":"11040","context":"Sample.Periodic","measurand":"Power.Active.Import","unit":"W"},{"value":"230.1","context":"Sample.Periodic","measurand":"Voltage","phase":"L1","unit":"V"}]}]}]`;
};

export const frames = { Heartbeat: heartbeat, MeterValues: meterValues } as const;
export type Action = keyof typeof frames;
