import { defineConfig } from 'drizzle-kit';

// Only for `drizzle-kit generate`: programs migrate with src/migrate.ts.
export default defineConfig({
  dialect: 'postgresql',
  schema: '../shared/src/store/schema.ts',
  out: './sql',
});
