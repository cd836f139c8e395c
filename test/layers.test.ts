import assert from 'node:assert/strict';
import {existsSync, globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {suite, test} from 'node:test';

const root = new URL('../source/', import.meta.url).pathname;

type Import = {from: string; to: string; dynamic: boolean; typeOnly: boolean};

const withoutComments = (code: string) => code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

/** Static imports and re-exports over one or more lines, and `import('…')`. */
const statement =
	/^(?:import|export)\s+(?<type>type\s)?(?:[^'"();]*?\sfrom\s+)?'(?<to>[^']+)'|\bimport\(\s*'(?<lazy>[^']+)'\s*\)/gm;

const codeOf = (file: string) => withoutComments(readFileSync(path.join(root, file), 'utf8'));

function importsOf(file: string): Import[] {
	return [...codeOf(file).matchAll(statement)].map(({groups = {}}) => {
		const name = groups.to ?? groups.lazy ?? '';
		const to = name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
		return {from: file, to, dynamic: groups.lazy !== undefined, typeOnly: groups.type !== undefined};
	});
}

const files = globSync('**/*.{ts,tsx}', {cwd: root})
	.map(file => file.split(path.sep).join('/'))
	.toSorted();
const all = files.flatMap(importsOf);
const isOurs = (to: string) => existsSync(path.join(root, to)) && !to.startsWith('..');
const roomOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file);
const packageOf = (to: string) => to.split('/', to.startsWith('@') ? 2 : 1).join('/');
const told = (found: Import[]) => found.map(({from, to}) => `${from} → ${to}`);

/** Which rooms a room may import, beside itself. Rooms that are not named here (main.ts, demo, cli) see what they need. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
	format: [],
	engine: ['format'],
	transport: ['engine', 'format'],
	storage: ['engine', 'format'],
	extract: ['engine', 'format', 'threads/script.ts'],
	reporters: ['engine', 'format', 'race/seams.ts'],
	dashboard: ['engine', 'format', 'reporters/reporter.ts', 'race/seams.ts', 'race/report/standings.ts'],
	cli: [
		...['engine', 'format', 'storage/template.ts', 'extract/fields.ts', 'race/names.ts'],
		...['cookies', 'netrc', 'proxy', 'secret-files'].map(name => `transport/${name}.ts`),
	],
	demo: ['cli', 'engine', 'format', 'race/seams.ts', 'threads/script.ts', 'threads/thread.ts'],
	replay: ['engine', 'format', 'reporters/recorder.ts'],
	race: [
		...['engine', 'format', 'transport/transport.ts', 'storage/discard.ts', 'cli/options.ts', 'cli/network.ts'],
		...['extractor', 'searcher', 'fields'].map(name => `extract/${name}.ts`),
		...['script', 'thread', 'young-objects'].map(name => `threads/${name}.ts`),
	],
	threads: ['engine', 'format', 'cli/options.ts', 'cli/network.ts', 'cli/usage-error.ts', 'parts.ts', 'work.ts'],
};

/** Everything loaded with a file: static imports, transitively; types vanish when the program is built. */
function loadedWith(entry: string): Set<string> {
	const seen = new Set<string>();
	const queue = [entry];
	for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
		if (seen.has(file)) continue;
		seen.add(file);
		if (isOurs(file)) for (const {to, dynamic, typeOnly} of importsOf(file)) if (!dynamic && !typeOnly) queue.push(to);
	}
	return seen;
}

suite('who may know whom', () => {
	test('the import lines are really read', () => {
		assert.ok(files.includes('engine/engine.ts') && files.includes('dashboard/terminal/keyboard.tsx'));
		const lines = told(all);
		for (const arrow of ['work.ts → engine/engine.ts', 'watch.ts → dashboard/index.tsx', 'index.ts → engine/engine.ts'])
			assert.ok(lines.includes(arrow), arrow);
		assert.ok(lines.includes('dashboard/terminal/keyboard.tsx → ink'));
		assert.ok(
			all.some(({from, to}) => from === 'engine/attempt.ts' && to === 'engine/seams.ts'),
			'over several lines',
		);
		for (const file of files) {
			const written = codeOf(file).match(/(\bfrom |^import|\bimport\()\s*'/gm)?.length ?? 0;
			assert.equal(importsOf(file).length, written, `${file}: an import was not understood`);
		}
	});

	for (const [room, others] of Object.entries(mayImport)) {
		test(`${room} imports of ours only ${['itself', ...others].join(', ')}`, () => {
			const allowed = (to: string) => roomOf(to) === room || others.some(other => to === other || roomOf(to) === other);
			const outside = (to: string) => to === '../package.json';
			const wrong = all.filter(
				({from, to}) => roomOf(from) === room && (isOurs(to) || to.startsWith('..')) && !allowed(to) && !outside(to),
			);
			assert.deepEqual(told(wrong), []);
		});
	}

	/** Within the dashboard, each folder knows those before it. */
	const folders = ['measuring', 'rows', 'keys', 'drawing', 'terminal', 'race'];
	const folderOf = (file: string) => /^dashboard\/(\w+)\//.exec(file)?.[1];
	for (const [index, folder] of folders.entries()) {
		test(`of the dashboard, ${folder} knows only ${folders.slice(0, index).join(', ') || 'itself'}`, () => {
			const known = new Set(folders.slice(0, index + 1));
			const wrong = all.filter(
				({from, to}) => folderOf(from) === folder && roomOf(to) === 'dashboard' && !known.has(folderOf(to) ?? ''),
			);
			assert.deepEqual(told(wrong), []);
		});
	}

	test('every folder of the dashboard is known to this test', () => {
		const found = new Set(files.filter(file => roomOf(file) === 'dashboard').map(folderOf));
		found.delete(undefined);
		assert.deepEqual([...found].toSorted(), folders.toSorted());
	});

	test('every room is known to this test', () => {
		const known = new Set([
			...Object.keys(mayImport),
			'main.ts',
			'work.ts',
			'parts.ts',
			'watch.ts',
			'replaying.ts',
			'racing.ts',
			'index.ts',
		]);
		assert.deepEqual(
			files.map(roomOf).filter(room => !known.has(room)),
			[],
		);
	});

	test('the dashboard knows of the reporters only their type', () => {
		const real = all.filter(
			({from, to, typeOnly}) => roomOf(from) === 'dashboard' && roomOf(to) === 'reporters' && !typeOnly,
		);
		assert.deepEqual(told(real), []);
	});

	test('reporters and the dashboard are handed the engine and never make one', () => {
		const rooms = new Set(['reporters', 'dashboard']);
		const real = all.filter(
			({from, to, typeOnly}) => rooms.has(roomOf(from)) && to === 'engine/engine.ts' && !typeOnly,
		);
		assert.deepEqual(told(real), []);
	});

	test('only watch.ts loads the dashboard, and only when it is needed', () => {
		const loads = all.filter(({from, to}) => roomOf(to) === 'dashboard' && roomOf(from) !== 'dashboard');
		assert.deepEqual(
			loads.map(({from, to, dynamic}) => ({from, to, dynamic})),
			[
				{from: 'watch.ts', to: 'dashboard/index.tsx', dynamic: true},
				{from: 'watch.ts', to: 'dashboard/race/index.ts', dynamic: true},
				{from: 'watch.ts', to: 'dashboard/keys/keymap.ts', dynamic: true},
			],
		);
	});

	const homes: Readonly<Record<string, string>> = {
		react: 'dashboard',
		ink: 'dashboard',
		undici: 'transport',
		'tough-cookie': 'transport',
		cheerio: 'extract',
		commander: 'cli',
		'p-queue': 'engine',
		chalk: 'dashboard',
	};
	for (const [name, room] of Object.entries(homes)) {
		test(`only ${room} knows ${name}`, () => {
			const users = all.filter(({to}) => packageOf(to) === name);
			assert.ok(users.length > 0, `${name} is not used at all`);
			assert.deepEqual(told(users.filter(({from}) => roomOf(from) !== room)), []);
		});
	}

	test('neither the program without a screen nor the library loads react, ink, cheerio or tough-cookie', () => {
		for (const entry of ['main.ts', 'work.ts', 'threads/serve.ts', 'index.ts']) {
			const loaded = loadedWith(entry);
			// Where the screen is, the engine is somewhere else.
			const hasEngine = loaded.has('undici') && loaded.has('p-queue');
			assert.equal(
				hasEngine,
				entry !== 'main.ts',
				'the arrows are followed, and main.ts loads no engine for another thread',
			);
			for (const name of loaded)
				assert.ok(!['react', 'ink', 'cheerio', 'tough-cookie'].includes(packageOf(name)), `${entry} loads ${name}`);
		}
		assert.ok(loadedWith('dashboard/index.tsx').has('react'));
	});

	test('the engine touches neither the arguments, nor the output, nor the end of the process', () => {
		for (const file of files.filter(name => roomOf(name) === 'engine'))
			assert.doesNotMatch(codeOf(file), /\bprocess\.(argv|stdout|stderr|stdin|exit\w*|env)\b|\bconsole\./, file);
	});

	test('nothing imports in a circle', () => {
		const circles: string[] = [];
		const done = new Set<string>();
		const visit = (file: string, trail: readonly string[]): void => {
			const at = trail.indexOf(file);
			if (at >= 0) circles.push([...trail.slice(at), file].join(' → '));
			if (at >= 0 || done.has(file) || !isOurs(file)) return;
			for (const {to} of importsOf(file)) visit(to, [...trail, file]);
			done.add(file);
		};
		for (const file of files) visit(file, []);
		assert.deepEqual(circles, []);
	});
});

suite('names', () => {
	test('no file and no folder has a name that says nothing', () => {
		const empty = /(^|[-/.])(utils?|helpers?|managers?|services?|common|misc)([-/.]|$)/;
		assert.deepEqual(
			files.filter(file => empty.test(file)),
			[],
		);
	});

	test('files are in kebab-case', () => {
		assert.deepEqual(
			files.filter(file => !/^([a-z]+(-[a-z]+)*\/)*[a-z]+\d*(-[a-z]+\d*)*\.tsx?$/.test(file)),
			[],
		);
	});
});
