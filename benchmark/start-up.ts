import {writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import path from 'node:path';
import type {Bench, Probe} from './contestants.ts';
import {end, exited, start, terminal} from './measure.ts';

/** Milliseconds until something that is to be seen counts as not coming. */
const deadline = 20_000;

/** @param seconds of one start */
const once = (seconds: (bench: Bench) => Promise<number>) => async (bench: Bench) => [await seconds(bench)];

const sinceStart = (startedAt: number) => (performance.now() - startedAt) / 1000;

async function untilExit(command: readonly string[]): Promise<number> {
	const startedAt = performance.now();
	const status = await exited(start(command, ['ignore', 'ignore', 'ignore']));
	if (status !== 0) throw new Error(`${path.basename(command.join(' '))} ended with ${status}`);
	return sinceStart(startedAt);
}

export const bareNode: Probe = {
	name: 'bare node',
	does: 'node with an empty file, until it has ended',
	probe: async bench => {
		const file = path.join(bench.folder, 'empty.mjs');
		writeFileSync(file, '');
		return [await untilExit([bench.node, file])];
	},
};

export const version: Probe = {
	name: '--version',
	does: 'fetchtop --version, until it has ended',
	probe: once(({fetchtop}) => untilExit([...fetchtop, '--version'])),
};

export const firstRequest: Probe = {
	name: 'first request',
	does: 'fetchtop --no-save --plain URL, until the server has the request',
	probe: once(async ({fetchtop}) => {
		const server = createServer();
		await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
		const seen = Promise.withResolvers<number>();
		server.on('connection', socket => {
			socket.once('data', () => {
				seen.resolve(performance.now());
				socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
			});
			socket.on('error', () => {});
		});
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
		const startedAt = performance.now();
		const child = start([...fetchtop, '--no-save', '--plain', url], ['ignore', 'ignore', 'ignore']);
		const ended = exited(child);
		const at = await Promise.race([seen.promise, ended.then(() => seen.promise), expiry(child, 'a request')]);
		await ended;
		server.close();
		return (at - startedAt) / 1000;
	}),
};

export const firstFrame: Probe = {
	name: 'first frame',
	needs: 'script',
	does: 'fetchtop --no-save URL in a terminal, until the dashboard’s first frame',
	probe: once(async ({fetchtop, origin}) => {
		const startedAt = performance.now();
		const command = terminal([...fetchtop, '--no-save', `${origin}/none/frame`]);
		const child = start(command, ['pipe', 'pipe', 'ignore']);
		const ended = exited(child);
		const seconds = await Promise.race([
			new Promise<number>(resolve => {
				let text = '';
				child.stdout?.on('data', chunk => {
					text += chunk;
					// The last word of the first line's neighbor: by then the frame has been written, in one piece.
					if (text.includes('concurrency')) resolve(sinceStart(startedAt));
				});
			}),
			expiry(child, 'a frame'),
		]);
		end(child);
		await ended;
		return seconds;
	}),
};

/** Rejects when the program has taken far too long, or has ended, without what was to be seen. */
function expiry(child: ReturnType<typeof start>, what: string): Promise<never> {
	return new Promise((_, reject) => {
		const late = setTimeout(() => {
			end(child);
			reject(new Error(`${what} was not seen within ${deadline} ms`));
		}, deadline);
		child.once('close', () => clearTimeout(late));
	});
}
