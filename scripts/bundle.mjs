// How the program is bundled: split so that a run without a screen never loads ink, nor cheerio before a page needs it.
import {builtins, http2} from './lazy.mjs';

export const options = {
	entryPoints: {
		cli: 'cli.tsx',
		index: 'source/index.ts',
		// Scripts of a process and of threads of their own. They stand beside the chunks, for they are looked for beside the code that
		// starts them.
		'chunks/search-process': 'source/extract/search-process.ts',
		'chunks/engine-thread': 'source/threads/engine-thread.ts',
		'chunks/crew-thread': 'source/threads/crew-thread.ts',
		'chunks/lane-process': 'source/race/lane/lane-process.ts',
		'chunks/worker-thread': 'source/race/models/worker-thread.ts',
		'chunks/worker-process': 'source/race/models/worker-process.ts',
		'chunks/fetcher-thread': 'source/race/models/fetcher-thread.ts',
		'chunks/parser-thread': 'source/race/models/parser-thread.ts',
		'chunks/race-site-thread': 'source/demo/race-site-thread.ts',
	},
	outdir: 'dist',
	chunkNames: 'chunks/[name]-[hash]',
	bundle: true,
	splitting: true,
	minify: true,
	legalComments: 'linked',
	format: 'esm',
	platform: 'node',
	// What only runs after the version check may be new; esbuild keeps the door itself simple enough for older ones.
	target: 'node20',
	jsx: 'automatic',
	define: {
		'process.env.NODE_ENV': '"production"',
		'process.env.DEV': '"false"',
		// yoga would fetch its own code from a data: URL, and Node then loads all of fetch: 20 ms. It can do without.
		fetch: 'undefined',
		// For undici, who bundles it: its experimental parser, 150 kB, is then left out, as it is from Node's own.
		esbuildDetection: 'true',
	},
	alias: {
		// Ink asks for it only when DEV is set; left external, the bundle fails at start.
		'react-devtools-core': './scripts/empty.mjs',
		undici: './scripts/undici.mjs',
		// Ink brings five more, older, and each compiles its table of emoji: 8 ms of the first frame. Besides, one measure is enough.
		'string-width': './node_modules/string-width/index.js',
	},
	plugins: [http2, builtins],
	logLevel: 'warning',
};
