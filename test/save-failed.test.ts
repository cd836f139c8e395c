import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {mkdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import type {TestContext} from 'node:test';
import fc from 'fast-check';
import {openInputs} from '../source/cli/inputs.ts';
import type {EngineEvent, Listener, Untimed} from '../source/engine/events.ts';
import type {InputItem} from '../source/engine/intake.ts';
import type {TaskOptions} from '../source/engine/seams.ts';
import type {TaskId} from '../source/engine/task.ts';
import {saveFailedReporter} from '../source/reporters/save-failed.ts';
import {folder, list, test} from './helpers/engine.ts';
import {Story} from './helpers/store.ts';

const heading = '# What fetchtop did not finish. Read by: fetchtop -i, aria2c -i\n';

/** A story that is told to a reporter while it happens, as an engine would. */
class Run extends Story {
	readonly #listeners = new Set<Listener>();
	#queued = 0;

	override emit(event: Untimed<EngineEvent>): this {
		super.emit(event);
		const told = this.events.pop();
		if (told) for (const listener of this.#listeners ?? []) listener(told);
		return this;
	}

	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	enter(url: string, options: TaskOptions = {}): TaskId {
		const id: TaskId = `t${++this.#queued}`;
		this.emit({type: 'queued', id, url, host: URL.parse(url)?.host ?? '', ...options});
		return id;
	}

	failing(url: string, code = 'HTTP_404', options: TaskOptions = {}): TaskId {
		const id = this.enter(url, options);
		this.connect(id).fail(id, code);
		return id;
	}
}

type Rest = () => AsyncIterable<InputItem | string>;

/** The file that a run leaves, and what was complained of. */
async function saved(
	t: TestContext,
	tell: (run: Run) => void,
	rest?: Rest,
): Promise<{text: string; file: string; complaints: string[]}> {
	const file = path.join(await folder(t), 'failed.txt');
	const complaints: string[] = [];
	const reporter = await saveFailedReporter({file, complain: told => complaints.push(told), ...(rest && {rest})});
	const run = new Run();
	reporter.start(run as never);
	tell(run);
	await reporter.finish();
	assert.deepEqual(await list(path.dirname(file)), ['failed.txt'], 'nothing else is left there');
	const text = await readFile(file, 'utf8');
	assert.ok(text === '' || text.startsWith(heading), 'it says what it is');
	return {text: text.replace(heading, ''), file, complaints};
}

async function readBack(file: string): Promise<InputItem[]> {
	const items: InputItem[] = [];
	const warn = (message: string) => assert.fail(message);
	for await (const item of await openInputs({urls: [], files: [file], stdin: Readable.from([]), warn}))
		items.push(item as InputItem);
	return items;
}

const sha256 = '0123456789abcdef'.repeat(4);

test('what failed, what was canceled and what is not finished is there, each with its reason, and nothing that is done', async t => {
	const {text, complaints} = await saved(t, run => {
		run.become(run.enter('http://h/done'), 'done');
		run.become(run.enter('http://h/skipped'), 'skipped');
		run.failing('http://h/missing');
		run.end(run.enter('http://h/canceled'), 'canceled', {error: {code: 'CANCELED', message: 'canceled'}});
		run.become(run.enter('http://h/paused'), 'paused');
		run.become(run.enter('http://h/waiting'), 'waiting');
		const interrupted = run.enter('http://h/interrupted');
		run.become(interrupted, 'receiving').requeue(interrupted);
		run.enter('http://h/queued');
	});
	assert.equal(
		text,
		`# t3 HTTP_404 404 Not Found
http://h/missing
# t4 CANCELED canceled
http://h/canceled
# t5 paused
http://h/paused
# t6 HTTP_503 503 Service Unavailable
http://h/waiting
# t7 queued
http://h/interrupted
# t8 queued
http://h/queued
`,
	);
	assert.deepEqual(complaints, []);
});

test('a task is written with its mirrors and options, and read back as it was', async t => {
	const options: TaskOptions = {
		mirrors: ['https://m/1', 'http://m/2'],
		output: 'sub/{{a}}.iso',
		checksum: {algorithm: 'sha256', hex: sha256},
		connections: 4,
	};
	const {text, file} = await saved(t, run => void run.failing('http://h/1', 'ECONNRESET', options));
	assert.equal(
		text,
		`# t1 ECONNRESET connection reset by the server
http://h/1\thttps://m/1\thttp://m/2
 out=sub/{a}.iso
 checksum=sha-256=${sha256}
 split=4
 max-connection-per-server=4
`,
	);
	assert.deepEqual(await readBack(file), [{url: 'http://h/1', where: `${file}:3`, ...options}]);
});

test('whatever a list can say of the place of a file comes back unchanged', async t => {
	const file = path.join(await folder(t), 'list.txt');
	const piece = fc.constantFrom('a', 'b.tar', '{', '}', '{name}', '{{', ' ', '#', '=', '新', '/', './');
	const words = fc.array(piece, {minLength: 1, maxLength: 6}).map(pieces => pieces.join(''));
	await fc.assert(
		fc.asyncProperty(fc.option(words), fc.option(words), async (dir, out) => {
			const options = [dir === null ? '' : ` dir=${dir}\n`, out === null ? '' : ` out=${out}\n`];
			await writeFile(file, `${heading}http://h/\n${options.join('')}`);
			const [item] = await readBack(file);
			if (!item || item.problem !== undefined) return;
			const {output} = item;
			const reporter = await saveFailedReporter({file, complain: assert.fail});
			const run = new Run();
			reporter.start(run as never);
			run.enter('http://h/', output === undefined ? {} : {output});
			await reporter.finish();
			const [again] = await readBack(file);
			assert.equal(again?.output, output);
		}),
		{
			examples: [
				['a /', null],
				['./ a', null],
				[null, './ a'],
				['./ a ', 'b'],
			],
		},
	);
});

test("a template of one's own is left out, for aria2 has no words for it", async t => {
	const {text} = await saved(t, run => void run.failing('http://h/1', 'HTTP_404', {output: '{host}/{path}'}));
	assert.equal(text, '# t1 HTTP_404 404 Not Found\nhttp://h/1\n');
});

test("when all is done, the file is empty: yesterday's would mislead", async t => {
	const file = path.join(await folder(t), 'failed.txt');
	await writeFile(file, `${heading}http://h/yesterday\n`, {mode: 0o640});
	const reporter = await saveFailedReporter({file, complain: assert.fail});
	const run = new Run();
	reporter.start(run as never);
	run.become(run.enter('http://h/1'), 'done');
	await reporter.finish();
	assert.equal(await readFile(file, 'utf8'), '');
	assert.equal((await stat(file)).mode & 0o777, 0o640);
});

test('a list may be saved under its own name: until the end of the run it stays as it was', async t => {
	const file = path.join(await folder(t), 'list.txt');
	const before = `${heading}http://h/1\nhttp://h/2\n`;
	await writeFile(file, before);
	const reporter = await saveFailedReporter({file, complain: assert.fail});
	const run = new Run();
	reporter.start(run as never);
	for (const {url} of await readBack(file)) run.failing(url);
	assert.equal(await readFile(file, 'utf8'), before);
	await reporter.finish();
	assert.deepEqual(
		(await readBack(file)).map(({url}) => url),
		['http://h/1', 'http://h/2'],
	);
});

test('a task that was tried again is there once, with its last failure, and not at all if it is done now', async t => {
	const {text} = await saved(t, run => {
		const [twice, thrice, done, live, stays] = ['twice', 'thrice', 'done', 'live', 'stays'].map(name =>
			run.failing(`http://h/${name}`),
		) as [TaskId, TaskId, TaskId, TaskId, TaskId];
		assert.ok(stays);
		run.requeue(twice).connect(twice).fail(twice, 'ECONNREFUSED');
		run.requeue(thrice).connect(thrice).fail(thrice, 'ECONNREFUSED');
		run.requeue(thrice).pause(thrice).requeue(thrice).connect(thrice).fail(thrice, 'HTTP_500');
		run.requeue(done).become(done, 'done');
		run.requeue(live).become(live, 'receiving');
	});
	assert.equal(
		text,
		`# t5 HTTP_404 404 Not Found
http://h/stays
# t1 ECONNREFUSED connection refused
http://h/twice
# t2 HTTP_500 500 Internal Server Error
http://h/thrice
# t4 receiving
http://h/live
`,
	);
});

test('of 12,000 failures all are there, though the store remembers fewer, but for those that were mended', async t => {
	const total = 12_000;
	const {text, complaints} = await saved(t, run => {
		for (let index = 1; index <= total; index++) {
			const id = run.failing(`http://h/${index}`, 'HTTP_404', {output: `${index}.bin`});
			if (index % 100 === 0) run.requeue(id).become(id, index % 200 === 0 ? 'done' : 'failed');
		}
		assert.ok(run.store.failed.length < total - 1_000);
	});
	const lines = text.split('\n');
	const numbers = lines.filter(line => line.startsWith('http')).map(line => Number(line.slice('http://h/'.length)));
	const all = Array.from({length: total}, (_, index) => index + 1);
	assert.deepEqual(
		numbers,
		all.filter(number => number % 200 !== 0),
	);
	assert.equal(lines.filter(line => line.includes('ECONNRESET')).length, 60);
	assert.equal(lines.length, numbers.length * 3 + 1);
	assert.deepEqual(complaints, []);
});

test('what was never read of the list is written too, with all that the format can say', async t => {
	const rest = async function* (): AsyncGenerator<InputItem | string> {
		yield 'http://h/2';
		yield {url: 'http://h/3', where: 'list.txt:3', output: 'sub/{name}{ext}', paused: true, headers: [['A', 'secret']]};
		yield {url: 'http://h/4', where: 'list.txt:5', problem: "the option 'out' is invalid"};
		yield {url: 'hello world', where: 'list.txt:7'};
	};
	const {text, complaints} = await saved(t, run => void run.failing('http://h/1'), rest);
	assert.equal(
		text,
		`# t1 HTTP_404 404 Not Found
http://h/1
http://h/2
# list.txt:3
http://h/3
 dir=sub
 pause=true
# list.txt:5
#   http://h/4
# list.txt:7
#   hello world
`,
	);
	assert.deepEqual(complaints, []);
});

test('when the rest of the list cannot be read, what was read of it is there, and the error is told', async t => {
	const rest = async function* () {
		yield 'http://h/2';
		throw new Error('broken list');
	};
	const {text, file, complaints} = await saved(t, run => void run.failing('http://h/1'), rest);
	assert.match(text, /h\/1\nhttp:\/\/h\/2\n$/);
	assert.deepEqual(complaints, [`the list could not be read to its end for ${JSON.stringify(file)}: broken list`]);
});

test('a line that cannot be run stays as a comment', async t => {
	const {text, file} = await saved(t, run => {
		const line = run.enter('t1 hello');
		run.end(line, 'failed', {error: {code: 'INVALID_URL', message: 'list.txt:2: not an http(s) URL: "t1 hello"'}});
		const option = run.enter('http://h/1');
		run.end(option, 'failed', {error: {code: 'INVALID_OPTION', message: "list.txt:3: the option 'out' is invalid"}});
		// So that the file is gone through again.
		const done = run.failing('http://h/2');
		run.requeue(done).become(done, 'done');
	});
	assert.equal(
		text,
		`# t1 INVALID_URL list.txt:2: not an http(s) URL: "t1 hello"
#   t1 hello
# t2 INVALID_OPTION list.txt:3: the option 'out' is invalid
#   http://h/1
`,
	);
	assert.deepEqual(await readBack(file), []);
});

test('no credentials get into the file, nothing that breaks a line, and no blank that would end a URL', async t => {
	const rest = async function* (): AsyncGenerator<InputItem | string> {
		yield {url: 'http://me:secret@h/1', where: 'a\nhttp://evil/', mirrors: ['http://me:secret@m/1', 'none']};
		yield 'http://me:secret@h/a b #c';
		yield {url: '//me:secret@h/', output: 'x'};
		yield {url: 'http://h/4', output: 'a\n out=b'};
	};
	const {text} = await saved(t, () => {}, rest);
	assert.equal(
		text,
		`# a http://evil/
http://h/1\thttp://m/1
http://h/a%20b%20#c
#   //h/
http://h/4
`.replace('http://h/a%20b%20#c', new URL('http://h/a b #c').href),
	);
});

test('what is no regular file is refused instead of replaced', async t => {
	const dir = await folder(t);
	const make = (file: string) => saveFailedReporter({file, complain: assert.fail});
	await assert.rejects(make(dir), {code: 'EISDIR'});
	await assert.rejects(make(path.join(dir, 'no', 'such')), {code: 'ENOENT'});
	if (existsSync('/dev/null')) await assert.rejects(make('/dev/null'), /it is no regular file/);
	assert.deepEqual(await list(dir), []);
});

test('a link stays one, and the file it names is written', async t => {
	const dir = await folder(t);
	const [real, link] = [path.join(dir, 'real.txt'), path.join(dir, 'link.txt')];
	await writeFile(real, heading);
	await symlink(real, link);
	const reporter = await saveFailedReporter({file: link, complain: assert.fail});
	const run = new Run();
	reporter.start(run as never);
	run.failing('http://h/1');
	await reporter.finish();
	assert.match(await readFile(real, 'utf8'), /http:\/\/h\/1/);
	assert.deepEqual(await list(dir), ['link.txt', 'real.txt']);
});

test('what is left of a run that was killed is no obstacle', async t => {
	const file = path.join(await folder(t), 'failed.txt');
	await writeFile(`${file}.new`, `${heading}http://h/old\n`);
	const reporter = await saveFailedReporter({file, complain: assert.fail});
	await reporter.finish();
	assert.equal(await readFile(file, 'utf8'), '');
	assert.deepEqual(await list(path.dirname(file)), ['failed.txt']);
});

test('an error of the file is told in one line, and the run does not notice', async t => {
	const dir = path.join(await folder(t), 'gone');
	await mkdir(dir);
	const file = path.join(dir, 'failed.txt');
	const complaints: string[] = [];
	const reporter = await saveFailedReporter({file, complain: message => complaints.push(message)});
	const run = new Run();
	reporter.start(run as never);
	await rm(dir, {recursive: true});
	run.failing('http://h/1');
	await reporter.finish();
	assert.deepEqual(complaints, [`cannot write what is unfinished to ${JSON.stringify(file)}: no such file or folder`]);
});

test('a file that is no such list is somebody’s work, and is not replaced', async t => {
	const file = path.join(await folder(t), 'notes.txt');
	await writeFile(file, 'http://h/1\n header=Authorization: Bearer x\n');
	await assert.rejects(saveFailedReporter({file, complain: assert.fail}), /it is there already/);
	assert.match(await readFile(file, 'utf8'), /Bearer/);
});
