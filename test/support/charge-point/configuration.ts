/** One configuration key. A write-only key is known but never read out. [OCPP 1.6, 9] */
type Key = {
  value: string;
  readonly kind: 'integer' | 'boolean' | 'text';
  readonly access: 'rw' | 'r' | 'w';
  /** Takes effect after the next boot. */
  readonly reboot?: boolean;
};

export type ChangeStatus = 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported';

/** The charger's configuration keys. */
export type Configuration = {
  text(name: string): string;
  number(name: string): number;
  flag(name: string): boolean;
  /** Sets a value from the inside, whatever its access; an unknown key is created as text. */
  set(name: string, value: string): void;
  /** Sets a value on behalf of the central system. */
  change(name: string, value: string): ChangeStatus;
  /** All readable keys, or those asked for. */
  read(names: readonly string[]): { configurationKey: object[]; unknownKey: string[] };
};

const rw = (kind: Key['kind'], value: string): Key => ({ kind, value, access: 'rw' });
const r = (kind: Key['kind'], value: string): Key => ({ kind, value, access: 'r' });

/** The keys and their first values: those of [OCPP 1.6, 9.1 to 9.4] this charger acts on or reports. */
function firstKeys(connectors: number): Record<string, Key> {
  return {
    AllowOfflineTxForUnknownId: rw('boolean', 'true'),
    AuthorizationCacheEnabled: rw('boolean', 'false'),
    AuthorizationKey: { kind: 'text', value: '', access: 'w' },
    AuthorizeRemoteTxRequests: rw('boolean', 'false'),
    ChargeProfileMaxStackLevel: r('integer', '10'),
    ChargingScheduleAllowedChargingRateUnit: r('text', 'Current,Power'),
    ChargingScheduleMaxPeriods: r('integer', '24'),
    ClockAlignedDataInterval: r('integer', '0'),
    ConnectionTimeOut: rw('integer', '60'),
    ConnectorPhaseRotation: rw('text', 'Unknown'),
    GetConfigurationMaxKeys: r('integer', '100'),
    HeartbeatInterval: rw('integer', '300'),
    LocalAuthListEnabled: rw('boolean', 'true'),
    LocalAuthListMaxLength: r('integer', '1000'),
    LocalAuthorizeOffline: rw('boolean', 'true'),
    LocalPreAuthorize: rw('boolean', 'false'),
    MaxChargingProfilesInstalled: r('integer', '20'),
    MeterValueSampleInterval: rw('integer', '0'),
    MeterValuesAlignedData: rw('text', ''),
    MeterValuesSampledData: rw('text', 'Energy.Active.Import.Register,Power.Active.Import,Voltage'),
    NumberOfConnectors: r('integer', String(connectors)),
    ResetRetries: rw('integer', '1'),
    SecurityProfile: rw('integer', '1'),
    SendLocalListMaxLength: r('integer', '500'),
    StopTransactionOnEVSideDisconnect: rw('boolean', 'true'),
    StopTransactionOnInvalidId: rw('boolean', 'true'),
    StopTxnAlignedData: rw('text', ''),
    StopTxnSampledData: rw('text', ''),
    SupportedFeatureProfiles: r(
      'text',
      'Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger',
    ),
    TransactionMessageAttempts: rw('integer', '3'),
    TransactionMessageRetryInterval: rw('integer', '60'),
    UnlockConnectorOnEVSideDisconnect: rw('boolean', 'true'),
    WebSocketPingInterval: { ...rw('integer', '0'), reboot: true },
  };
}

/** Creates the key table with its first values; `given` wins over the defaults. */
export function createConfiguration(connectors: number, given: Readonly<Record<string, string>>): Configuration {
  const keys = new Map(Object.entries(firstKeys(connectors)));
  for (const [name, value] of Object.entries(given)) set(name, value);

  function text(name: string): string {
    return keys.get(name)?.value ?? '';
  }

  function set(name: string, value: string): void {
    const key = keys.get(name);
    if (key) key.value = value;
    else keys.set(name, rw('text', value));
  }

  function change(name: string, value: string): ChangeStatus {
    const key = keys.get(name);
    if (!key) return 'NotSupported';
    if (key.access === 'r' || !fits(key.kind, value)) return 'Rejected';
    key.value = key.kind === 'boolean' ? value.toLowerCase() : value;
    return key.reboot ? 'RebootRequired' : 'Accepted';
  }

  function read(names: readonly string[]): { configurationKey: object[]; unknownKey: string[] } {
    const readable = [...keys].filter(([name, key]) => key.access !== 'w' && (!names.length || names.includes(name)));
    return {
      configurationKey: readable.map(([key, { access, value }]) => ({ key, readonly: access === 'r', value })),
      unknownKey: names.filter((name) => !readable.some(([key]) => key === name)),
    };
  }

  return {
    text,
    number: (name) => Number(text(name)),
    flag: (name) => text(name) === 'true',
    set,
    change,
    read,
  };
}

function fits(kind: Key['kind'], value: string): boolean {
  if (kind === 'integer') return /^\d{1,9}$/.test(value);
  return kind === 'text' || /^(true|false)$/i.test(value);
}
