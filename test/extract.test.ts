import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import path from 'node:path';
import {suite} from 'node:test';
import {parseArguments} from '../source/cli/parse.ts';
import {searchedBytes} from '../source/extract/extractor.ts';
import {type Field, parseField} from '../source/extract/fields.ts';
import {Offload} from '../source/extract/offload.ts';
import {Searcher} from '../source/extract/searcher.ts';
import {createEngine} from '../source/index.ts';
import {test} from './helpers/engine.ts';
import {readPage} from './helpers/page.ts';
import {startServer} from './helpers/server.ts';

const html = {contentType: 'text/html', charset: 'utf-8'};
const fieldsOf = (...texts: string[]): Field[] => texts.map(parseField);

async function extract(
	page: string | Uint8Array,
	fields: readonly Field[],
	rest: Parameters<typeof readPage>[1] = html,
) {
	const {extracted} = await readPage(typeof page === 'string' ? Buffer.from(page) : page, {...rest, fields});
	return extracted;
}

const dist = path.resolve(import.meta.dirname, '../dist');

function node(args: readonly string[]): Promise<{status: number; stdout: string; stderr: string}> {
	return new Promise(resolve => {
		execFile(process.execPath, args, (error, stdout, stderr) =>
			resolve({status: Number(error?.code ?? 0), stdout, stderr}),
		);
	});
}

const fetchtop = (...args: string[]) => node([path.join(dist, 'cli.js'), '--no-save', ...args]);

const found = async (page: string, ...texts: string[]) => (await extract(page, fieldsOf(...texts)))?.fields;

suite('NAME=SELECTOR[@ATTR]', () => {
	const forms: ReadonlyArray<readonly [text: string, field: Field]> = [
		['price=.price', {name: 'price', selector: '.price'}],
		['a=b=c', {name: 'a', selector: 'b=c'}],
		['links=a@href', {name: 'links', selector: 'a', attribute: 'href'}],
		['mail=a[href*="@"]', {name: 'mail', selector: 'a[href*="@"]'}],
		["mail=a[href*='@b']@href", {name: 'mail', selector: "a[href*='@b']", attribute: 'href'}],
		['x=a:not([b="]@"])@data-c', {name: 'x', selector: 'a:not([b="]@"])', attribute: 'data-c'}],
		['x=.a\\@b@c', {name: 'x', selector: '.a\\@b', attribute: 'c'}],
		['größe=p', {name: 'größe', selector: 'p'}],
	];
	for (const [text, field] of forms) test(`${text} is understood`, () => assert.deepEqual(parseField(text), field));

	for (const text of [
		'',
		'x',
		'=a',
		'x=',
		'x=@href',
		'x=a@',
		'x=a@b c',
		'x=a@[b]',
		'a b=c',
		'__proto__=a',
		`${'x'.repeat(65)}=a`,
	])
		test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => parseField(text), Error));

	const wrong = ['a[', 'a::text', ':nonsense', '<div>', 'ns|a', ''];
	for (const selector of wrong) {
		test(`the selector ${JSON.stringify(selector)} is a usage error before the first request`, async t => {
			const server = await startServer(t);
			server.page('/', '<title>x</title>');
			const {status, stderr} = await fetchtop('-e', `x=${selector}`, server.url('/'));
			assert.equal(status, 2);
			assert.match(stderr, /^fetchtop: .*-e.*\n$/);
			assert.equal(server.seen.length, 0);
		});
	}

	test('a name is taken once, and with --titles-only there is nothing to search', () => {
		assert.throws(() => parseArguments(['-e', 'a=b', '-e', 'a=c', 'http://a.example/']), /"a" is taken already/);
		assert.throws(() => parseArguments(['-e', 'a=b', '--titles-only', 'http://a.example/']), /--titles-only/);
	});
});

suite('what selectors find', () => {
	test('is a string where one element matches, a list where several do, and nothing where none does', async () => {
		const page = '<title>T</title><h1> A \n <b>b</b>&amp;c </h1><p>1<p>2';
		assert.deepEqual(await extract(page, fieldsOf('h=h1', 'p=p', 'none=h2')), {
			title: 'T',
			charset: 'utf-8',
			fields: {h: 'A b&c', p: ['1', '2']},
			truncated: false,
		});
	});

	test('is the value of an attribute as it stands there, of the elements that have it', async () => {
		const page = '<a href=" /x?a&amp;b ">x</a><a>y</a><a href="">z</a>';
		assert.deepEqual(await found(page, 'a=a@href', 'b=a@title'), {a: [' /x?a&b ', '']});
	});

	test('is what a browser would find: the tree is that of the HTML standard', async () => {
		const page = '<table><tr><td>1<td>2</table><ul><li>a<li>b</ul><p>x<div>y</div>';
		assert.deepEqual(await found(page, 'cell=table > tbody > tr > td', 'li=ul > li', 'p=p'), {
			cell: ['1', '2'],
			li: ['a', 'b'],
			p: 'x',
		});
	});

	test('is found in every charset, and in compressed pages', async () => {
		const page = Buffer.from('3c68313ed0c2c0cbcad7d2b33c2f68313e', 'hex');
		assert.deepEqual((await extract(page, fieldsOf('h=h1'), {contentType: 'text/html', charset: 'gbk'}))?.fields, {
			h: '新浪首页',
		});
	});

	test('is found in XML by its rules', async () => {
		const feed =
			'<rss><channel><title>c</title><item><Link>http://a.example/</Link></item><item><Link>b</Link></item></channel></rss>';
		const {fields, title} =
			(await extract(feed, fieldsOf('links=item > Link', 'lower=item > link'), {contentType: 'application/rss+xml'})) ??
			{};
		assert.deepEqual({fields, title}, {fields: {links: ['http://a.example/', 'b']}, title: 'c'});
	});

	test('may have any name', async () => {
		assert.deepEqual(await found('<p>x', 'constructor=p', 'toString=p'), {constructor: 'x', toString: 'x'});
	});

	test('is nothing in what is no page', async () => {
		assert.deepEqual(await extract('hello', fieldsOf('p=p'), {}), {});
		assert.deepEqual(await extract('<p>x', fieldsOf('p=p'), {contentType: 'text/plain'}), undefined);
	});

	test('a page longer than 8 MiB is searched up to there, and says so', async () => {
		const filler = `<!--${' '.repeat(searchedBytes)}-->`;
		const extracted = await extract(`<p>a</p>${filler}<p>b</p>`, fieldsOf('p=p'), {...html, pieces: 65_536});
		assert.deepEqual(extracted, {charset: 'utf-8', fields: {p: 'a'}, truncated: true});
	});

	test('of a field 1,000 matches and 64 KiB are kept, and the record says that there is more', async () => {
		const many = await extract('<p>x'.repeat(1_500), fieldsOf('p=p'));
		assert.equal(many?.fields?.p?.length, 1_000);
		assert.equal(many?.truncated, true);
		const long = await extract(`<p>${'x'.repeat(3_000)}`.repeat(50), fieldsOf('p=p'));
		assert.equal([long?.fields?.p].flat().join('').length, 65_536);
		assert.equal(long?.truncated, true);
	});

	test('the title is told before the rest of the page has come, and reading goes on to its end', async () => {
		const page = `<title>T</title>${'<p>x'.repeat(200_000)}<h1>end</h1>`;
		const {extracted, told} = await readPage(Buffer.from(page), {...html, pieces: 65_536, fields: fieldsOf('h=h1')});
		assert.deepEqual([told, extracted?.fields], [['T'], {h: 'end'}]);
	});
});

suite('heavy pages are searched in another process', () => {
	const light = `<h1>end</h1>${'<p>x'.repeat(500)}`;
	const heavy: Readonly<Record<string, string>> = {
		'of more than 64 KiB': `${'text '.repeat(14_000)}<h1>end</h1>`,
		'of more than 600 tags': `${'<b>'.repeat(700)}<h1>end</h1>`,
		'with a tag of thousands of attributes': `<p ${Array.from({length: 9_000}, (_, index) => `a${index}`).join(' ')}><h1>end</h1>`,
		'with thousands of attributes without blanks': `<p ${Array.from({length: 4_000}, (_, n) => `a${n}="<>"`).join('')}><h1>end</h1>`,
	};

	test('a light page is not', async () => {
		const offload = new Offload();
		const extracted = await extract(light, fieldsOf('h=h1'), {...html, searcher: new Searcher(offload)});
		assert.deepEqual([extracted?.fields, offload.pid], [{h: 'end'}, undefined]);
	});

	test('fewer tags make it heavy where there are many selectors', async t => {
		const offload = new Offload();
		t.after(() => offload.close());
		const fields = fieldsOf(...Array.from({length: 50}, (_, index) => `f${index}=h1`));
		const extracted = await extract(light, fields, {...html, searcher: new Searcher(offload)});
		assert.equal(extracted?.fields?.f49, 'end');
		assert.ok(offload.pid !== undefined);
	});

	for (const [kind, page] of Object.entries(heavy)) {
		test(`a page ${kind} is, and finds the same`, async t => {
			const offload = new Offload();
			t.after(() => offload.close());
			const extracted = await extract(page, fieldsOf('h=h1'), {...html, searcher: new Searcher(offload)});
			assert.deepEqual(extracted?.fields, {h: 'end'});
			assert.ok(offload.pid !== undefined && offload.pid !== process.pid);
		});
	}

	const page = (title: string) => Buffer.from(`<h1>${title}</h1>${' '.repeat(70_000)}`);
	const search = (offload: Offload, bytes: Uint8Array) =>
		offload.search({bytes: Uint8Array.from(bytes), charset: 'utf-8', kind: 'html', fields: fieldsOf('h=h1')});

	test('many at once are searched one after the other', async t => {
		const offload = new Offload();
		t.after(() => offload.close());
		const all = await Promise.all(Array.from({length: 20}, (_, index) => search(offload, page(String(index)))));
		assert.deepEqual(
			all.map(each => each?.fields.h),
			Array.from({length: 20}, (_, index) => String(index)),
		);
	});

	test('a page that takes too long gets nothing, and the next one a new process', async t => {
		const limits = {time: 100, memory: 512};
		const offload = new Offload(limits);
		t.after(() => offload.close());
		// The cost of this one grows with the square of its depth: minutes.
		const slow = search(offload, Buffer.from('<div>'.repeat(500_000)));
		const next = search(offload, page('next'));
		limits.time = 10_000;
		assert.equal(await slow, undefined);
		assert.equal((await next)?.fields.h, 'next');
	});

	test('a page that takes too much memory gets nothing, and the next one a new process', async t => {
		const offload = new Offload({time: 14_000, memory: 48});
		t.after(() => offload.close());
		assert.equal(await search(offload, Buffer.from('<p>'.repeat(2_000_000))), undefined);
		assert.equal((await search(offload, page('next')))?.fields.h, 'next');
	});

	test('a process that is killed costs its page the fields, and nobody else', async t => {
		const offload = new Offload();
		t.after(() => offload.close());
		const first = search(offload, Buffer.from('<div>'.repeat(500_000)));
		const next = search(offload, page('next'));
		process.kill(offload.pid ?? Number.NaN, 'SIGKILL');
		assert.equal(await first, undefined);
		assert.equal((await next)?.fields.h, 'next');
	});

	test('a selector that fails there gives nothing, and the page keeps its title', async t => {
		const offload = new Offload();
		t.after(() => offload.close());
		const text = `<title>T</title>${' '.repeat(70_000)}`;
		const given = {...html, searcher: new Searcher(offload)};
		assert.deepEqual(await extract(text, [{name: 'x', selector: 'a['}], given), {
			title: 'T',
			charset: 'utf-8',
			fields: {},
			truncated: true,
		});
	});
});

suite('from end to end', () => {
	const body = `<title>T</title><a href="/x">l</a>${'<p>x</p>\n'.repeat(20_000)}<h1>end</h1>`;
	const fields = {h: 'end', l: '/x'};

	test('the built program puts what it found into its records, heavy pages too, and ends', async t => {
		const server = await startServer(t);
		server.page('/', body, {'content-type': 'text/html'});
		const {status, stdout} = await fetchtop('--json', '-e', 'h=h1', '-e', 'l=a@href', server.url('/'));
		const record = JSON.parse(stdout);
		assert.deepEqual([status, record.extracted, record.truncated, record.title], [0, fields, false, 'T']);
	});

	test('the library takes selectors', async t => {
		const server = await startServer(t);
		server.page('/', body, {'content-type': 'text/html'});
		const engine = createEngine({extract: {h: 'h1', l: 'a@href'}});
		await engine.run([server.url('/')]);
		await engine.close();
		assert.deepEqual(engine.store.done.at(-1)?.result?.extracted, fields);
		assert.throws(() => createEngine({extract: {x: '@'}}));
	});

	test('a process that used the built library on a heavy page ends by itself', async t => {
		const server = await startServer(t);
		server.page('/', body, {'content-type': 'text/html'});
		const script = `import {createEngine} from ${JSON.stringify(path.join(dist, 'index.js'))};
			const engine = createEngine({extract: {h: 'h1'}});
			await engine.run([process.argv[1]]);
			await engine.close();
			console.log(engine.store.done.at(-1).result.extracted.h);`;
		const {stdout, stderr} = await node(['--input-type=module', '-e', script, server.url('/')]);
		assert.deepEqual([stdout, stderr], ['end\n', '']);
	});
});
