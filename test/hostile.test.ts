import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {link, lstat, readdir, readFile, symlink, writeFile} from 'node:fs/promises';
import type {Socket} from 'node:net';
import path from 'node:path';
import {createEngine} from '../source/index.ts';
import {folder, rig, test} from './helpers/engine.ts';
import {readPage} from './helpers/page.ts';
import {startServer, startTcp} from './helpers/server.ts';
import {fetchtop} from './helpers/terminal.ts';

test('a link, a pipe or a file that stands where a part file should be is neither followed nor touched', async t => {
	const [dir, outside] = [await folder(t), await folder(t)];
	const victim = path.join(outside, 'victim');
	await writeFile(victim, 'precious');
	await symlink(victim, path.join(dir, 'linked.part'));
	await symlink(path.join(outside, 'made'), path.join(dir, 'dangling.part'));
	await link(victim, path.join(dir, 'hard.part'));
	execFileSync('mkfifo', [path.join(dir, 'pipe.part')]);
	const server = await startServer(t);
	const names = ['linked', 'dangling', 'hard', 'pipe'];
	for (const name of names) server.page(`/${name}`, `body of ${name}`);
	const engine = createEngine({dir});
	await engine.run(names.map(name => server.url(`/${name}`)));
	await engine.close();
	assert.equal(await readFile(victim, 'utf8'), 'precious');
	assert.deepEqual(await readdir(outside), ['victim']);
	for (const name of names) {
		await lstat(path.join(dir, `${name}.part`));
		assert.ok((await lstat(path.join(dir, `${name}.1`))).isFile());
		assert.equal(await readFile(path.join(dir, `${name}.1`), 'utf8'), `body of ${name}`);
	}
});

test('a server that never stops with interim answers is given up', async t => {
	const origin = await startTcp(t, socket => {
		const flood = () => {
			if (!socket.destroyed) socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', () => setImmediate(flood));
		};
		flood();
	});
	const engine = createEngine({retries: 0});
	await engine.run([`${origin}/`]);
	await engine.close();
	assert.equal(engine.store.failed.at(-1)?.result?.error?.code, 'BAD_RESPONSE');
});

test('the title behind 70,000 open elements is found, in HTML, in pictures and in XML', async () => {
	const deep = async (open: string, contentType: string) => {
		const page = `<html><head>${open.repeat(Math.floor(490_000 / open.length))}</y></x><div><title>deep</title>`;
		return (await readPage(Buffer.from(page), {contentType})).extracted?.title;
	};
	for (const open of ['<div>', '<svg></y>', '<template></template></y>'])
		assert.equal(await deep(open, 'text/html'), 'deep', open);
	assert.equal(await deep('<template>', 'text/html'), undefined);
	assert.equal(await deep('<y></x>', 'application/xhtml+xml'), undefined);
	assert.equal(await deep('<a xmlns="b">', 'application/xhtml+xml'), undefined);
});

test('a list in a pipe whose writer goes silent does not keep the program from ending', async t => {
	const dir = await folder(t);
	const server = await startServer(t);
	server.page('/1', 'x');
	execFileSync('mkfifo', [path.join(dir, 'list')]);
	const writer = spawn('sh', ['-c', `exec 3>list; echo ${server.url('/1')} >&3; exec sleep 60`], {
		cwd: dir,
		stdio: 'ignore',
	});
	t.after(() => writer.kill('SIGKILL'));
	const child = spawn('sh', ['-c', `exec ${fetchtop('--plain --no-save -i list')}`], {
		cwd: dir,
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	t.after(() => child.kill('SIGKILL'));
	const ended = new Promise(resolve => child.once('close', resolve));
	// The first line says that the run is under way and that the list has no more for now.
	await new Promise(resolve => child.stdout.once('data', resolve));
	child.kill('SIGTERM');
	assert.equal(await ended, 143);
});

test('servers that drip what nobody wants are not left with a connection for each task', async t => {
	let open = 0;
	let most = 0;
	const counted = new Set<Socket>();
	const origin = await startTcp(t, (socket, asked) => {
		if (!counted.has(socket)) {
			counted.add(socket);
			most = Math.max(most, ++open);
			socket.once('close', () => open--);
		}
		const status = asked.includes('/redirect') ? `302 Found\r\nLocation: ${origin}/gone` : '404 Not Found';
		socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 1000\r\n\r\nx`);
	});
	const r = rig(t, {retries: 0, concurrency: 8});
	const results = await r.run(...Array.from({length: 60}, (_, n) => `${origin}/${n % 2 ? 'redirect' : 'gone'}?${n}`));
	assert.ok(results.every(({error}) => error?.code === 'HTTP_404'));
	// Its server may hear of a new connection before it hears of the end of the old one.
	assert.ok(most <= 16, `${most} at once`);
});
