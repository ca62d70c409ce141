import type { WordKind } from './read-vocabulary.ts';

/**
 * Codes of the specification's words: their place in these lists. Append only, never reorder: rows hold the codes. Code 0
 * is '' (no phase, no unit). Words outside the specification have codes from 1000 up, in the table `vocabulary`.
 */
export const specifiedWords: Readonly<Record<WordKind, readonly string[]>> = {
  // [OCPP 1.6, 7.31]
  measurand: [
    '',
    'Energy.Active.Import.Register',
    'Energy.Active.Export.Register',
    'Energy.Reactive.Import.Register',
    'Energy.Reactive.Export.Register',
    'Energy.Active.Import.Interval',
    'Energy.Active.Export.Interval',
    'Energy.Reactive.Import.Interval',
    'Energy.Reactive.Export.Interval',
    'Power.Active.Import',
    'Power.Active.Export',
    'Power.Offered',
    'Power.Reactive.Import',
    'Power.Reactive.Export',
    'Power.Factor',
    'Current.Import',
    'Current.Export',
    'Current.Offered',
    'Voltage',
    'Frequency',
    'Temperature',
    'SoC',
    'RPM',
  ],
  // [OCPP 1.6, 7.32]
  phase: ['', 'L1', 'L2', 'L3', 'N', 'L1-N', 'L2-N', 'L3-N', 'L1-L2', 'L2-L3', 'L3-L1'],
  // [OCPP 1.6, 7.30]
  location: ['', 'Outlet', 'Inlet', 'Cable', 'EV', 'Body'],
  // [OCPP 1.6, 7.33]
  context: [
    '',
    'Sample.Periodic',
    'Sample.Clock',
    'Transaction.Begin',
    'Transaction.End',
    'Interruption.Begin',
    'Interruption.End',
    'Trigger',
    'Other',
  ],
  // [OCPP 1.6, 7.45]
  unit: [
    '',
    'Wh',
    'kWh',
    'varh',
    'kvarh',
    'W',
    'kW',
    'VA',
    'kVA',
    'var',
    'kvar',
    'A',
    'V',
    'K',
    'Celcius',
    'Celsius',
    'Fahrenheit',
    'Percent',
    'Hertz',
  ],
};
