// What the bundle loads when it is used, and not at every start.
import {isBuiltin} from 'node:module';

/** Seldom used, and heavy: 4 ms of each start. Nobody may ask for anything of theirs while being loaded. */
const seldom = new Set(['node:child_process', 'node:crypto', 'node:readline', 'node:zlib']);

const load = name => `process.getBuiltinModule(${JSON.stringify(name)})`;

/**
 * Modules of Node by `process.getBuiltinModule`. An import line asks for every export, those behind getters too, and behind
 * one of node:http's is Node's own fetch with all that belongs to it: 25 ms.
 */
export const builtins = {
	name: 'builtins',
	setup({onResolve, onLoad}) {
		onResolve({filter: /./}, ({path, importer, kind}) => {
			if (!isBuiltin(path) || kind === 'dynamic-import') return undefined;
			const name = path.startsWith('node:') ? path : `node:${path}`;
			const way = seldom.has(name) ? 'seldom' : kind === 'require-call' ? 'required' : 'imported';
			// A copy for each importer: what is shared becomes a chunk, and that takes longer than what is in it.
			return {path: name, namespace: `builtin-${way}`, suffix: `?${importer}`, sideEffects: false};
		});
		onLoad({filter: /./, namespace: 'builtin-imported'}, async ({path}) => {
			const names = Object.keys(await import(path)).filter(name => name !== 'default' && name !== 'module.exports');
			// Those that nobody imports are left out, for these calls are known to do nothing else.
			const lines = names.map(name => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`);
			return {contents: [`const builtin = ${load(path)};`, 'export default builtin;', ...lines].join('\n')};
		});
		onLoad({filter: /./, namespace: 'builtin-required'}, ({path}) => ({contents: `module.exports = ${load(path)};`}));
		onLoad({filter: /./, namespace: 'builtin-seldom'}, ({path}) => ({
			contents: `module.exports = Object.create(new Proxy({}, {get: (_, name) => ${load(path)}[name]}));`,
		}));
	},
};

/** undici's half for HTTP/2, a function: it loads node:http2 and node:tls, 7 ms, and few runs speak it. */
export const http2 = {
	name: 'http2',
	setup({onResolve, onLoad}) {
		onResolve({filter: /^\.\/client-h2\.js$/, namespace: 'file'}, ({path, resolveDir}) => ({
			path: resolveDir + path.slice(1),
			namespace: 'called',
		}));
		onResolve({filter: /./, namespace: 'called'}, ({path}) => ({path}));
		onLoad({filter: /./, namespace: 'called'}, ({path}) => ({
			contents: `module.exports = (...args) => require(${JSON.stringify(path)})(...args);`,
		}));
	},
};
