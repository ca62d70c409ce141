/** Actions that chargers take long over: they read or write flash, or move a lock. ms */
const SLOW_MS: Readonly<Record<string, number>> = {
  GetConfiguration: 60_000,
  GetDiagnostics: 60_000,
  GetLog: 60_000,
  SendLocalList: 60_000,
  UnlockConnector: 45_000,
  InstallCertificate: 60_000,
  CertificateSigned: 60_000,
};

/** How long an answer to the action may take, ms: what the caller asks for, else by action, never less than the default. */
export function timeoutOf(action: string, defaultMs: number, wantedSeconds?: number): number {
  if (wantedSeconds !== undefined) return wantedSeconds * 1_000;
  return Math.max(SLOW_MS[action] ?? 0, defaultMs);
}
