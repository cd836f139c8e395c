import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {findLogin, parseNetrc} from '../source/transport/netrc.ts';

const example = `# work
machine Example.com login me password s3cret # and a comment
machine two.example
	login "quoted \\"name\\""
	password "a b\\tc\\\\"
	account 12
macdef init
	machine trap.example login no password no
	cd /pub

machine two.example login other password #hash
machine none.example
default login anonymous password me@example.com
`;

suite('netrc', () => {
	test('machines, quotes, comments, macros and the default are read as curl reads them', () => {
		assert.deepEqual(parseNetrc(example), [
			{machine: 'example.com', login: 'me', password: 's3cret'},
			{machine: 'two.example', login: 'quoted "name"', password: 'a b\tc\\'},
			{machine: 'two.example', login: 'other', password: '#hash'},
			{machine: 'none.example', login: '', password: ''},
			{login: 'anonymous', password: 'me@example.com'},
		]);
	});

	const wanted: ReadonlyArray<readonly [host: string, login: string | undefined, password: string | undefined]> = [
		['example.com', undefined, 's3cret'],
		['EXAMPLE.com', undefined, 's3cret'],
		['sub.example.com', undefined, 'me@example.com'],
		['two.example', undefined, 'a b\tc\\'],
		['two.example', 'other', '#hash'],
		['two.example', 'nobody', undefined],
		['trap.example', undefined, 'me@example.com'],
	];
	for (const [host, login, password] of wanted)
		test(`${login ?? 'anybody'} at ${host} has the password ${password}`, () => {
			assert.equal(findLogin(parseNetrc(example), host, login)?.password, password);
		});

	test('an address in brackets is the machine without them', () => {
		assert.equal(findLogin(parseNetrc('machine ::1 login a password b'), '[::1]')?.password, 'b');
	});

	test('the password that is a keyword, and the word machine in quotes, are values', () => {
		assert.deepEqual(parseNetrc('machine a login machine password default'), [
			{machine: 'a', login: 'machine', password: 'default'},
		]);
	});

	test('its length costs no more than its length, and errors name the line', () => {
		const many = Array.from({length: 60_000}, (_, index) => `machine h${index}\nlogin l password p\n`).join('');
		assert.equal(parseNetrc(many).length, 60_000);
		assert.throws(() => parseNetrc(`${many}nonsense`), /^Error: line 120001: a keyword/);
		const long = 'x\\"'.repeat(1_000_000);
		assert.equal(parseNetrc(`machine a password "${long}"`)[0]?.password.length, 2_000_000);
		assert.throws(() => parseNetrc(`machine a\npassword "${long}`), /^Error: line 2: a quote is not closed/);
	});

	test('line ends of Windows, no line end, an empty file and a macro at the end are fine', () => {
		assert.equal(parseNetrc('machine a\r\nlogin b\r\npassword c')[0]?.password, 'c');
		assert.deepEqual(parseNetrc(''), []);
		assert.deepEqual(parseNetrc('macdef x\r\n\tls\r\n\r\nmachine a').length, 1);
		assert.deepEqual(parseNetrc('macdef x\nls'), []);
	});

	for (const [text, line] of [
		['machine a login b password hunter two', 1],
		['machine a\nlogin', 2],
		['machine a login b\npassword "open', 2],
		['login me', 1],
	] as const)
		test(`${JSON.stringify(text)} is refused by its line, without a word of what is in it`, () => {
			assert.throws(
				() => parseNetrc(text),
				({message}: Error) => message.startsWith(`line ${line}: `) && !/hunter|two|open/.test(message),
			);
		});
});
