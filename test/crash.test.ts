import assert from 'node:assert/strict';
import {closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync, watch} from 'node:fs';
import {appendFile, type FileHandle, mkdir, open, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {test as nodeTest, type TestContext} from 'node:test';
import {setTimeout} from 'node:timers/promises';
import type {PartFile} from '../source/engine/seams.ts';
import {FileStorage} from '../source/storage/files.ts';
import {journalName, openJournal} from '../source/storage/journal.ts';
import {scratchOf} from '../source/storage/journal-compact.ts';
import {list as entries, folder, rig, test, turn} from './helpers/engine.ts';
import {assertFile, MiB, patterned, serving, type Version} from './helpers/large.ts';
import {start} from './helpers/program.ts';
import {randomOf} from './helpers/random.ts';
import {Gate, startServer} from './helpers/server.ts';
import {bytesOf, type PacedServer, type Source, startPaced} from './helpers/torture.ts';

/** Bytes a second. A kill costs what comes in the last moment before it, so all of it must take long enough for 50 of them. */
const rate = 3_800_000;
/** What may be served beyond the sum of all sizes, as a part of it. */
const mostExcess = 0.05;

const scratch = scratchOf(journalName);
const date = 'Wed, 01 Jan 2020 00:00:00 GMT';

const tagged = ({number}: Source) => ({headers: {etag: `"v${number}"`}, ranges: `"v${number}"`});

/** How servers name a version and serve ranges of it, if they do. */
const manners = {
	tagged,
	dated: () => ({headers: {'last-modified': date}, ranges: date}),
	both: ({number}: Source) => ({headers: {etag: `W/"v${number}"`, 'last-modified': date}, ranges: date}),
	unnamed: () => ({ranges: true}),
	whole: () => ({}),
	chunked: () => ({chunked: true}),
	chunkedRanges: (source: Source) => ({...tagged(source), chunked: true}),
} as const satisfies Record<string, (source: Source) => Partial<Source>>;

/** Where the name of a file comes from. */
const namings: ReadonlyArray<(source: Source) => Partial<Source>> = [
	() => ({}),
	({number, headers}) => ({
		path: `/get?id=${number}`,
		name: `given ${number}.dat`,
		headers: {...headers, 'content-disposition': `attachment; filename="given ${number}.dat"`},
	}),
	({number, name}) => ({path: `/go/${number}`, movedTo: `/there/${name}`}),
	({number, headers}) => ({
		path: `/${number}/page${number}.html?x=1`,
		name: `page${number}.html`,
		headers: {...headers, 'content-type': 'text/html'},
	}),
];

/** The list: what is large, and small bodies between, in all the ways in which servers have them. */
function sourcesOf(random: () => number): Source[] {
	let last = 0;
	const source = (size: number, manner: keyof typeof manners, more: Partial<Source> = {}): Source => {
		const number = ++last;
		const plain: Source = {path: `/${number}/file${number}.bin`, name: `file${number}.bin`, size, number, ...more};
		return {...plain, ...manners[manner](plain)};
	};
	const large = [source(60 * MiB, 'tagged'), source(44 * MiB, 'dated')];
	const middle = [
		source(10 * MiB, 'tagged'),
		source(7 * MiB, 'tagged', {path: '/here/same.bin', name: 'same.bin'}),
		source(7 * MiB, 'both', {path: '/there/same.bin', name: 'same.bin'}),
		source(10 * MiB, 'dated'),
		source(2 * MiB, 'unnamed'),
		source(9 * MiB, 'chunkedRanges'),
		source(8 * MiB, 'both'),
		source(9 * MiB, 'dated'),
		source(8 * MiB, 'chunkedRanges'),
		source(10 * MiB, 'tagged'),
	];
	const names = Object.keys(manners) as Array<keyof typeof manners>;
	const small = Array.from({length: 40}, (_, index) => {
		const made = source(index < 2 ? index : Math.ceil(200_000 * random() ** 2), names[index % names.length] ?? 'whole');
		return {...made, ...namings[index % namings.length]?.(made)};
	});
	return [...large, ...middle.flatMap((each, index) => [each, ...small.slice(4 * index, 4 * index + 4)])];
}

/** The folder that everything goes to, and which of its files are known to be right. */
class Folder {
	readonly dir: string;
	/** By the names that files may have. */
	readonly #sources: ReadonlyMap<string, readonly Source[]>;
	readonly #right = new Map<string, {identity: string; source: Source}>();

	constructor(dir: string, sources: readonly Source[]) {
		this.dir = dir;
		const sharing = [...Map.groupBy(sources, ({name}) => name)];
		const numbered = (name: string, count: number) => (count === 0 ? name : name.replace('.', `.${count}.`));
		this.#sources = new Map(
			sharing.flatMap(([name, group]) => group.map((_, count): [string, Source[]] => [numbered(name, count), group])),
		);
	}

	names(): string[] {
		return readdirSync(this.dir);
	}

	isFile(name: string): boolean {
		return this.#sources.has(name);
	}

	isPart(name: string): boolean {
		return name.endsWith('.part') && this.isFile(name.slice(0, -'.part'.length));
	}

	/** As if the runs so far had told of much that is of no use any more. */
	async lengthenJournal(): Promise<void> {
		const line = {
			type: 'saved',
			at: Date.now(),
			id: 't1',
			url: 'http://other.example/',
			part: {path: 'other', ranges: []},
		};
		// Its last line may have been torn off.
		await appendFile(path.join(this.dir, journalName), `\n${`${JSON.stringify(line)}\n`.repeat(60_000)}`);
	}

	/** What should never be there, a file with wrong bytes above all. Files that were right are not read again, unless they changed. */
	wrong(): string[] {
		const own = [journalName, scratch];
		return this.names().flatMap(name => {
			if (this.isFile(name)) return this.#isRight(name) ? [] : [`${name} has wrong bytes`];
			return this.isPart(name) || own.includes(name) ? [] : [`${name} is nobody's name`];
		});
	}

	/** What should not be so when everything is done. Reads everything again. */
	unfinished(): string[] {
		this.#right.clear();
		const wrong = this.wrong();
		const names = new Set(this.names());
		const found = [...this.#right.values()].map(({source}) => source);
		return [
			...wrong,
			...[...this.#sources.keys()].filter(name => !names.has(name)).map(name => `${name} is missing`),
			...[...names].filter(name => name !== journalName && !this.isFile(name)).map(name => `${name} was left`),
			...found.filter((source, index) => found.indexOf(source) < index).map(({path}) => `${path} is there twice`),
		];
	}

	#isRight(name: string): boolean {
		const file = path.join(this.dir, name);
		const {ino, size, mtimeNs} = lstatSync(file, {bigint: true});
		const identity = `${ino} ${size} ${mtimeNs}`;
		if (this.#right.get(name)?.identity === identity) return true;
		const source = this.#sources.get(name)?.find(each => hasBytesOf(each, file));
		if (source) this.#right.set(name, {identity, source});
		return source !== undefined;
	}
}

function hasBytesOf(source: Source, file: string): boolean {
	const descriptor = openSync(file, 'r');
	try {
		if (fstatSync(descriptor).size !== source.size) return false;
		const buffer = Buffer.alloc(MiB / 2);
		for (let at = 0; at < source.size; ) {
			const read = readSync(descriptor, buffer, 0, buffer.length, at);
			if (read === 0 || !buffer.subarray(0, read).equals(bytesOf(source, at, at + read))) return false;
			at += read;
		}
		return true;
	} finally {
		closeSync(descriptor);
	}
}

/** What was seen of a program from outside, since it began. */
type Seen = {served: number; asked: number; journal: number; rewritten: number; begun: Set<string>; placed: number};

/** When to kill: as soon as this was seen, or some milliseconds later. `long`: with a journal that is to be rewritten first. */
type Moment = {why: string; is(seen: Seen): boolean; wait?: number; long?: true};

/** Fifty of them. `share` is how many bytes a life may take, if there are to be enough for all. */
const moments: ReadonlyArray<{count: number; make(random: () => number, share: number): Moment}> = [
	{count: 8, make: random => ({why: 'before anything', is: () => true, wait: 50 * random()})},
	{count: 6, make: random => ({why: 'among the first answers', is: ({asked}) => asked > 0, wait: 50 * random()})},
	{
		count: 4,
		make: random => ({
			why: 'as the journal is rewritten',
			is: ({rewritten}) => rewritten > 0,
			wait: 30 * random(),
			long: true,
		}),
	},
	{
		count: 8,
		make: random => {
			const count = Math.ceil(40 * random());
			return {why: 'as the journal grows', is: ({journal}) => journal >= count};
		},
	},
	{
		count: 6,
		make: random => {
			const count = Math.ceil(2 * random());
			return {why: 'as a part is begun', is: ({begun}) => begun.size >= count};
		},
	},
	{
		count: 6,
		make: random => {
			const count = Math.ceil(2 * random());
			return {why: 'as a file gets its name', is: ({placed}) => placed >= count};
		},
	},
	{
		count: 12,
		make: (random, share) => {
			const bytes = 2 * share * random();
			return {why: 'after so many bytes', is: ({served}) => served >= bytes};
		},
	},
];

const unseen = (): Seen => ({served: 0, asked: 0, journal: 0, rewritten: 0, begun: new Set(), placed: 0});

/** Starts and kills the program, again and again. */
class Torture {
	readonly #t: TestContext;
	readonly #server: PacedServer;
	readonly #folder: Folder;
	readonly #args: string;
	#changed = (): void => {};
	#seen = unseen();
	/** Parts that an earlier program left. */
	#parts: readonly string[] = [];

	constructor(t: TestContext, server: PacedServer, files: Folder, args: string) {
		this.#t = t;
		this.#server = server;
		this.#folder = files;
		this.#args = `-d ${files.dir} -x 4 -c 6 --plain ${args}`;
		const watcher = watch(files.dir, (event, name) => this.#notice(event, name ?? ''));
		t.after(() => watcher.close());
		server.changed = () => this.#changed();
	}

	/** Runs the program until the moment has come, or so many bytes, and kills it. Resolves with what it was. */
	async kill({why, is, wait, long}: Moment, most: number): Promise<string> {
		if (long) await this.#folder.lengthenJournal();
		const server = this.#server;
		const {served, asked} = server;
		this.#parts = this.#folder.names().filter(name => this.#folder.isPart(name));
		const seen = unseen();
		this.#seen = seen;
		const {promise: due, resolve} = Promise.withResolvers<string>();
		this.#changed = () => {
			Object.assign(seen, {served: server.served - served, asked: server.asked - asked});
			if (is(seen)) resolve(why);
			else if (seen.served >= most) resolve(`long before that (${why})`);
		};
		const program = start(this.#t, this.#args);
		this.#changed();
		const end = program.ended.then(ended => assert.fail(`it ended before it was killed: ${JSON.stringify(ended)}`));
		const reason = await Promise.race([due, end]);
		if (wait !== undefined) await Promise.race([setTimeout(wait), end]);
		end.catch(() => {});
		program.child.kill('SIGKILL');
		// What is sent to the dead is no waste of theirs.
		server.paused = true;
		await program.ended;
		server.paused = false;
		return reason;
	}

	/** Lets the program come to its end. Resolves with what it said. */
	async live(): Promise<string> {
		const {stdout, stderr, status} = await start(this.#t, this.#args).ended;
		assert.equal(status, 0, stdout + stderr);
		return stdout + stderr;
	}

	#notice(event: string, name: string): void {
		const seen = this.#seen;
		if (name === journalName) seen.journal++;
		else if (name === scratch) seen.rewritten++;
		else if (event === 'rename' && this.#folder.isFile(name)) seen.placed++;
		else if (this.#folder.isPart(name) && !this.#parts.includes(name)) seen.begun.add(name);
		this.#changed();
	}
}

/** The same items in an order by chance. */
const shuffled = <Item>(items: readonly Item[], random: () => number): Item[] =>
	items
		.map(item => ({item, key: random()}))
		.toSorted((a, b) => a.key - b.key)
		.map(({item}) => item);

/** `whole` is all of it; else a part, for which there is no telling what a kill costs. */
type Scale = {whole: boolean; args: string};

async function torture(t: TestContext, seed: number, {whole, args}: Scale): Promise<void> {
	const random = randomOf(seed);
	const sources = sourcesOf(random).filter((_, index) => whole || index % 3 === 2);
	const size = sources.reduce((sum, source) => sum + source.size, 0);
	const server = await startPaced(t, sources, rate);
	const root = await folder(t);
	const [list, dir] = [path.join(root, 'list'), path.join(root, 'files')];
	await mkdir(dir);
	await writeFile(list, sources.map(source => `${server.url(source.path)}\n`).join(''));
	const files = new Folder(dir, sources);
	const program = new Torture(t, server, files, `-i ${list} ${args}`);

	const kills = new Map<string, number>();
	const plan = shuffled(
		moments.flatMap(({count, make}) => Array.from({length: count}, () => make)),
		random,
	).slice(0, whole ? undefined : 12);
	for (const [index, make] of plan.entries()) {
		const left = Math.max(0, 0.97 * size - server.served);
		const share = left / (plan.length - index + 1);
		const why = await program.kill(make(random, share), Math.min(3 * share, 0.9 * left));
		kills.set(why, (kills.get(why) ?? 0) + 1);
		assert.deepEqual(files.wrong(), [], `after kill ${index + 1}, ${why}`);
	}
	await program.live();
	const excess = server.served / size - 1;
	t.diagnostic(`killed ${[...kills].map(([why, count]) => `${count} times ${why}`).join(', ')}`);
	t.diagnostic(`${(100 * excess).toFixed(2)} % of ${size} bytes were served twice`);
	assert.deepEqual(files.unfinished(), []);
	assert.deepEqual(readdirSync(root).toSorted(), ['files', 'list']);

	const {asked} = server;
	assert.match(await program.live(), new RegExp(`\\b${sources.length} skipped`));
	assert.equal(server.asked, asked, 'a further run asks for nothing');
	assert.deepEqual(files.unfinished(), []);
	assert.ok(!whole || excess < mostExcess, `${(100 * excess).toFixed(2)} % too many bytes were served`);
}

const tortures: Readonly<Record<string, Scale>> = {
	'killed at 50 random moments, it never leaves a wrong file, and fetches hardly a byte twice': {whole: true, args: ''},
	'with several threads neither': {whole: false, args: '--threads 3'},
};

for (const [title, scale] of Object.entries(tortures)) {
	nodeTest(title, {timeout: 300_000}, async t => {
		const seed = Number(process.env.FETCHTOP_SEED ?? Math.floor(2 ** 32 * Math.random()));
		t.diagnostic(`FETCHTOP_SEED=${seed}`);
		try {
			await torture(t, seed, scale);
		} catch (error) {
			throw new Error(`FETCHTOP_SEED=${seed} repeats this`, {cause: error});
		}
	});
}

test('no part is there before the journal says whose it is', async t => {
	const server = await startServer(t);
	server.page('/file', 'x'.repeat(100_000));
	const dir = await folder(t);
	const [asked, written] = [new Gate(), new Gate()];
	const recorded = () => {
		asked.open();
		return written.opened;
	};
	const ended = rig(t, {storage: new FileStorage({dir, recorded})}).run(server.url('/file'));
	await asked.opened;
	// More often than it takes to make a file.
	for (let look = 0; look < 20; look++) assert.deepEqual(await entries(dir), []);
	written.open();
	await ended;
	assert.deepEqual(await entries(dir), ['file']);
});

test('a body that comes in order goes to the disk in order, so that a crash leaves no hole in it', async t => {
	const server = await startServer(t);
	const body = patterned(2 * MiB);
	server.page('/file', body);
	const dir = await folder(t);
	const probe = await open(dir);
	const handles: Pick<FileHandle, 'writev'> = Object.getPrototypeOf(probe);
	await probe.close();
	const {writev} = handles;
	t.after(() => Object.assign(handles, {writev}));
	const r = rig(t, {dir});
	const begun: number[] = [];
	const slow = async function (this: FileHandle, buffers: Buffer[], position: number) {
		begun.push(position);
		// The first takes its time, while more is here to be written.
		if (begun.length === 1) {
			await r.received('t1', 400_000);
			for (let turns = 0; turns < 100; turns++) await turn();
			assert.deepEqual(begun, [0]);
		}
		return writev.call(this, buffers, position);
	};
	Object.assign(handles, {writev: slow});
	assert.equal((await r.fetch(server.url('/file'))).error, null);
	assert.ok(begun.length > 1);
	assert.deepEqual(
		begun,
		begun.toSorted((a, b) => a - b),
	);
	await assertFile(dir, 'file', body);
});

test('what stands behind the last byte that was safe from a power loss never counts, even if the next run dies at once', async t => {
	const body = patterned(300_000);
	const [safe, end] = [100_000, 290_000];
	const server = await startServer(t);
	const version: Version = {body, etag: '"1"'};
	// The first run after it hears of the part, and gets no byte to go on with.
	server.on(
		'/file',
		serving(
			() => version,
			({index, begin, serve}) => (index === 0 ? begin(0) : serve()),
		),
	);
	const url = server.url('/file');
	const dir = await folder(t);
	// The disk had its last blocks already, but not those between.
	const torn = Buffer.concat([body.subarray(0, safe), Buffer.alloc(150_000), body.subarray(safe + 150_000, end)]);
	await writeFile(path.join(dir, 'file.part'), torn);
	const part: PartFile = {path: 'file', ranges: [[0, end]], synced: [[0, safe]], total: body.length};
	const before = await openJournal(dir, {bootId: 'before'});
	before.record({type: 'queued', at: Date.now(), id: 't1', url, host: 'localhost'});
	before.record({type: 'saved', at: Date.now(), id: 't1', part: {...part, validators: {etag: '"1"'}}});
	await before.close();
	for (const dies of [true, false]) {
		const journal = await openJournal(dir, {bootId: 'after'});
		const r = rig(t, {dir, journal});
		const ended = r.run(url);
		if (dies) {
			await r.seen('receiving');
			r.dispatch({type: 'stop', mode: 'abort'});
		}
		await ended;
		await journal.close();
	}
	assert.deepEqual(
		server.seen.map(({headers}) => headers.range),
		Array(2).fill(`bytes=${safe - 4_096}-`),
	);
	await assertFile(dir, 'file', body);
});
