import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {chmod, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {authorizationFor, type CredentialOptions} from '../source/transport/credentials.ts';
import {readNetrc} from '../source/transport/secret-files.ts';
import {folder, rig, test} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

const netrc = [
	{machine: 'a.example', login: 'net', password: 'rc'},
	{machine: 'a.example', login: 'second', password: 'other'},
	{machine: '::1', login: 'six', password: 'six'},
];

const cases: ReadonlyArray<
	readonly [what: string, first: string, url: string, options: CredentialOptions, pair: string | undefined]
> = [
	['nothing given is nothing sent', 'http://a.example/', 'http://a.example/', {}, undefined],
	['netrc is for its host', 'http://a.example/', 'http://a.example/x', {netrc}, 'net:rc'],
	['-u wins over netrc', 'http://a.example/', 'http://a.example/', {netrc, user: 'u:p:w'}, 'u:p:w'],
	['the URL wins over -u', 'http://me:pw@a.example/', 'http://a.example/', {netrc, user: 'u:p'}, 'me:pw'],
	['a hop wins over the URL', 'http://me:pw@a.example/', 'http://x:y@a.example/', {user: 'u:p'}, 'x:y'],
	['a hop to another origin has its own', 'http://me:pw@a.example/', 'http://x:y@b.example/', {user: 'u:p'}, 'x:y'],
	['another host gets nothing', 'http://a.example/', 'http://b.example/', {netrc, user: 'u:p'}, undefined],
	['another port gets nothing', 'http://a.example/', 'http://a.example:81/', {netrc, user: 'u:p'}, undefined],
	['another scheme gets nothing', 'https://a.example/', 'http://a.example/', {netrc, user: 'u:p'}, undefined],
	['netrc is not for where a redirect leads', 'http://b.example/', 'http://a.example/', {netrc}, undefined],
	[
		'a name alone takes its password from netrc',
		'http://second@a.example/',
		'http://a.example/',
		{netrc},
		'second:other',
	],
	['a name that netrc does not know has none', 'http://third@a.example/', 'http://a.example/', {netrc}, 'third:'],
	['brackets are not part of a machine', 'http://[::1]:8/', 'http://[::1]:8/', {netrc}, 'six:six'],
	['a password alone is one', 'http://:pw@a.example/', 'http://a.example/', {}, ':pw'],
];

for (const [what, first, url, options, pair] of cases)
	test(`${what}: ${pair ?? 'no login'} for ${url} from ${first}`, () => {
		const expected = pair === undefined ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`;
		assert.equal(authorizationFor(new URL(url), new URL(first), options), expected);
	});

test("the user's own Authorization header wins over all of these", async t => {
	const server = await startServer(t);
	server.page('/');
	const url = server.url('/').replace('//', '//me:pw@');
	await rig(t, {user: 'u:p', netrc, headers: [['authorization', 'Bearer token']]}).fetch(url);
	assert.equal(server.seen[0]?.headers.authorization, 'Bearer token');
});

test('a netrc that others can read, or that is not there, is refused in one line', async t => {
	const dir = await folder(t);
	const file = path.join(dir, 'netrc');
	await assert.rejects(readNetrc(file), {message: `cannot read the netrc "${file}": no such file or folder`});
	await writeFile(file, 'machine a login b password c');
	for (const mode of [0o640, 0o604, 0o620]) {
		await chmod(file, mode);
		await assert.rejects(readNetrc(file), {
			message: `the netrc "${file}" can be read by others; run: chmod 600 "${file}"`,
		});
	}
	await chmod(file, 0o600);
	assert.deepEqual(await readNetrc(file), [{machine: 'a', login: 'b', password: 'c'}]);
	await writeFile(file, 'password secret');
	await assert.rejects(readNetrc(file), /netrc": line 1: a keyword .* should stand here$/);
	await assert.rejects(readNetrc(dir), /it is no regular file$/);
	const pipe = path.join(dir, 'pipe');
	if (spawnSync('mkfifo', ['-m', '600', pipe]).status === 0)
		await assert.rejects(readNetrc(pipe), /it is no regular file$/, 'and nobody waits for its writer');
});
