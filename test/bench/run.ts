/** `npm run bench [-- messages | fleet] [options]`: messages by default. Each says its options at its top. */
const which = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? 'messages';
if (which === 'messages') await import('./messages.ts');
else if (which === 'fleet') await import('./fleet.ts');
else {
  console.error(`there is no benchmark ${which}: take messages or fleet`);
  process.exitCode = 1;
}

export {};
