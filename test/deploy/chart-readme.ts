/** Writes the table of values in the chart's README: `node --import tsx test/deploy/chart-readme.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readChartValues, withValuesTable } from './chart-values.ts';

const README = new URL('../../helm/README.md', import.meta.url);
const VALUES = new URL('../../helm/values.yaml', import.meta.url);

writeFileSync(README, withValuesTable(readFileSync(README, 'utf8'), readChartValues(readFileSync(VALUES, 'utf8'))));
console.log('helm/README.md: the table of values is written');
