// Bundles cli and library into dist/, split so that a run without a screen never loads ink, nor cheerio before a page needs it.
import {rmSync} from 'node:fs';
import {build} from 'esbuild';

rmSync('dist', {recursive: true, force: true});

await build({
	entryPoints: {
		cli: 'cli.tsx',
		index: 'source/index.ts',
		// The script of a process of its own. It stands beside the chunks, for it is looked for beside the code that starts it.
		'chunks/search-process': 'source/extract/search-process.ts',
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
	define: {'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"'},
	// Ink asks for it only when DEV is set; left external, the bundle fails at start.
	alias: {'react-devtools-core': './scripts/empty.mjs'},
	banner: {
		js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
	},
	logLevel: 'warning',
});
