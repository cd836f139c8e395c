// `npm start` shows the demo; `npm start -- URL…` fetches those. By now `node` is the one that the packages brought.
import '../scripts/build.mjs';

if (process.argv.length === 2) process.argv.push('demo');
await import('../dist/cli.js');
