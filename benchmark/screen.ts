import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import type {Bench, Measured, Probe} from './contestants.ts';
import {end, start} from './measure.ts';
import {press} from './press.ts';
import {Session} from './session.ts';
import {SlowServer} from './streams.ts';

/** Rows that fit between header and footer of 40 lines. */
const rows = 30;
/** Milliseconds until what a key or the start has set going is over. */
const settling = 2_000;

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

type Watched = {
	name: string;
	does: string;
	options?: readonly string[];
	/** Of the bodies so many never end; the others are pages. */
	streams: number;
	/** Until there is to be seen what is to be watched. */
	prepare?: (session: Session) => Promise<unknown>;
	/** What goes on meanwhile, if more than that time passes. */
	meanwhile?: (session: Session) => Promise<void>;
};

/** What the program does with a terminal for a while. */
const watch = ({name, does, options = [], streams, prepare, meanwhile}: Watched): Probe => ({
	name,
	needs: 'script',
	does: `fetchtop --no-save -c ${rows} URL… in a terminal: ${does}`,
	probe: async ({fetchtop, amounts}: Bench) => {
		const server = new SlowServer();
		const origin = await server.listen();
		const urls = Array.from({length: rows}, (_, index) => `${origin}/${index < streams ? 'stream' : 'page'}/${index}`);
		const session = new Session([...fetchtop, '--no-save', '-c', `${rows}`, ...options, ...urls]);
		try {
			await prepare?.(session);
			await pause(settling);
			const before = session.read();
			await (meanwhile?.(session) ?? pause(amounts.watchedSeconds * 1000));
			const after = session.read();
			const [cpu, frames, bytes] = [after.cpu - before.cpu, after.frames - before.frames, after.bytes - before.bytes];
			const measured: Measured = {cpu, core: cpu / (after.at - before.at), frames, bytes};
			return [frames === 0 ? measured : {...measured, frameBytes: bytes / frames}];
		} finally {
			await session.close();
			server.close();
		}
	},
});

const isReceiving = (session: Session) => session.shows(`${rows} running / ${rows}`);

const pressing = (key: string, shows: string) => async (session: Session) => {
	await isReceiving(session);
	session.type(key);
	await session.shows(shows);
};

export const noScreen = watch({
	...{name: 'no screen', does: 'the same with --quiet', options: ['--quiet'], streams: rows},
});

export const allRows = watch({
	...{name: '30 rows changing', does: '30 bodies of 300 kB/s, 10 pieces a second', streams: rows},
	prepare: isReceiving,
});

export const oneRow = watch({
	...{name: 'one of 30 rows', does: '29 pages that are done, and one such body', streams: 1},
	prepare: session => session.shows(`${rows - 1} done`),
});

export const frozen = watch({
	...{name: 'frozen', does: 'the 30 bodies, frozen by z', streams: rows},
	prepare: pressing('z', 'frozen'),
});

export const paused = watch({
	...{name: 'paused', does: 'the 30 bodies, paused by p', streams: rows},
	prepare: pressing('p', 'paused'),
});

export const ended = watch({
	...{name: 'ended', does: '30 pages that are done', streams: 0},
	prepare: session => session.shows('ended'),
});

export const resizes = watch({
	...{name: '200 sizes', does: 'the 30 bodies, and 200 sizes of the window in about a second', streams: rows},
	prepare: isReceiving,
	meanwhile: session => session.resize(200),
});

/** For the keys. */
const concurrency = 64;

export const keyToFrame: Probe = {
	name: 'key to frame',
	needs: 'script',
	does: `fetchtop --no-save -c ${concurrency} -i list in a terminal: ${concurrency} bodies at full speed, keys j k + - Tab 1 z`,
	probe: async ({fetchtop, node, root, folder, amounts}) => {
		// In a process of its own, for this one reads the screen. Not nginx, whose bodies end: a row that moves looks like a key's doing.
		const server = start([node, path.join(root, 'test/fixtures/endless.mjs')], ['ignore', 'pipe', 'ignore']);
		const [port] = server.stdout ? await once(server.stdout, 'data') : [];
		const list = path.join(folder, 'endless.txt');
		const urls = Array.from(
			{length: concurrency + 6},
			(_, index) => `http://127.0.0.1:${String(port).trim()}/${index}\n`,
		);
		writeFileSync(list, urls.join(''));
		const session = new Session([...fetchtop, '--no-save', '-c', `${concurrency}`, '-i', list]);
		try {
			await session.shows(`${concurrency} running / ${concurrency}`);
			await pause(settling);
			return [await press(session, amounts.pressed)];
		} finally {
			await session.close();
			end(server);
		}
	},
};
